internal import ByteIO
internal import Glibc
internal import NIOSSL
internal import Synchronization

/// The certificates that are trusted for each host. Configurations are cached: AsyncHTTPClient reuses a connection only
/// with the same configuration, and reading the authorities of a machine takes time.
final class TrustStore: Sendable {
    private let environment: [String: String]
    private let embeddedAuthorities: [UInt8]
    private let settings: @Sendable (_ host: String, _ port: Int) -> TLSSettings
    private let systemFiles: [String]
    private let configurations = Mutex<[HTTPURL.Origin: TLSConfiguration]>([:])
    private let roots = Mutex<(NIOSSLTrustRoots, [NIOSSLAdditionalTrustRoots])?>(nil)

    init(
        environment: [String: String],
        embeddedAuthorities: [UInt8],
        systemFiles: [String] = AuthorityBundles.paths,
        settings: @escaping @Sendable (_ host: String, _ port: Int) -> TLSSettings
    ) {
        self.environment = environment
        self.embeddedAuthorities = embeddedAuthorities
        self.systemFiles = systemFiles
        self.settings = settings
    }

    /// Whether the server's certificate is verified.
    func verifies(_ origin: HTTPURL.Origin) -> Bool { settings(origin.host, origin.port).verifies }

    func configuration(for origin: HTTPURL.Origin) throws(HTTPFailure) -> TLSConfiguration {
        if let known = configurations.withLock({ $0[origin] }) { return known }
        let made = try configuration(settings(origin.host, origin.port), for: origin)
        configurations.withLock { $0[origin] = made }
        return made
    }

    private func configuration(
        _ settings: TLSSettings,
        for origin: HTTPURL.Origin
    ) throws(HTTPFailure) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let certificate = settings.clientCertificate, let key = settings.clientKey {
            configuration.certificateChain = try Self.certificates(certificate, "the client certificate for \(origin)")
                .map { .certificate($0) }
            guard let key = try? NIOSSLPrivateKey(bytes: key, format: .pem) else {
                throw HTTPFailure(.tls, "the key of the client certificate for \(origin) is not a private key in PEM")
            }
            configuration.privateKey = .privateKey(key)
        }
        guard settings.verifies else {
            configuration.certificateVerification = .none
            return configuration
        }
        let (roots, more) = try self.trustedRoots()
        configuration.trustRoots = roots
        configuration.additionalTrustRoots = more
        for authority in settings.authorities {
            let certificates = try Self.certificates(authority, "an authority for \(origin)")
            configuration.additionalTrustRoots.append(.certificates(certificates))
        }
        return configuration
    }

    /// The authorities that the environment names, else the machine's, else the embedded ones.
    private func trustedRoots() throws(HTTPFailure) -> (NIOSSLTrustRoots, [NIOSSLAdditionalTrustRoots]) {
        if let known = roots.withLock({ $0 }) { return known }
        let found = try readRoots()
        roots.withLock { $0 = found }
        return found
    }

    private func readRoots() throws(HTTPFailure) -> (NIOSSLTrustRoots, [NIOSSLAdditionalTrustRoots]) {
        let file = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        let directories = environment["SSL_CERT_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        if file != nil || directories != nil {
            var certificates = [NIOSSLCertificate]()
            if let file {
                guard Self.isReadable(file), let found = try? NIOSSLCertificate.fromPEMFile(file), !found.isEmpty else {
                    throw HTTPFailure(.tls, "`SSL_CERT_FILE` names `\(file)`, which contains no readable certificates")
                }
                certificates += found
            }
            for directory in (directories ?? "").split(separator: ":") {
                for path in Self.files(in: String(directory)) {
                    // Directories of certificates hold other files, too.
                    certificates += (try? NIOSSLCertificate.fromPEMFile(path)) ?? []
                }
            }
            return (.certificates(certificates), [])
        }
        if let path = systemFiles.first(where: Self.isReadable) { return (.file(path), []) }
        return (.certificates(try Self.certificates(embeddedAuthorities, "the embedded bundle")), [])
    }

    private static func certificates(_ pem: [UInt8], _ what: String) throws(HTTPFailure) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else {
            throw HTTPFailure(.tls, "\(what) is not a certificate in PEM")
        }
        return certificates
    }

    /// Whether it is a readable file of a plausible size.
    private static func isReadable(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return status.st_size > 0 && status.st_size <= 16 << 20 && access(path, R_OK) == 0
    }

    private static func files(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var paths = [String]()
        // A directory with more files is not a directory of certificates.
        while paths.count < 10_000, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let path = "\(directory)/\(name)"
            if isReadable(path) { paths.append(path) }
        }
        return paths.sorted()
    }
}
