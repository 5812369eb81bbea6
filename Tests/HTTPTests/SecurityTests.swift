import TestSupport
import Testing

@testable import HTTP

@Suite("TLS")
struct SecurityTests {
    private let certificates: TestCertificates
    private let authority: [UInt8]

    init() throws {
        certificates = try TestCertificates.shared()
        authority = try readFile(certificates.authority)
    }

    private func start(_ kind: TestCertificates.Server = .good, options: String = "pass") throws -> SecureServer {
        let (certificate, key) = certificates.server(kind)
        return try SecureServer(certificate: certificate, key: key, options: options)
    }

    private var trusting: TLSSettings {
        var settings = TLSSettings()
        settings.authorities = [authority]
        return settings
    }

    @Test(
        "an authority that was named is trusted, and the connection used again",
        arguments: ["127.0.0.1", "localhost"]
    )
    func trusts(host: String) async throws {
        let server = try start()
        defer { server.stop() }
        let exchange = try Exchange(tls: trusting)
        let first = try await exchange(.get, "https://\(host):\(server.port)/").body
        #expect(try await exchange(.get, "https://\(host):\(server.port)/").body == first)
    }

    @Test("an authority is trusted for the host that it was named for, and no other")
    func trustsOnlyThere() async throws {
        let server = try start()
        defer { server.stop() }
        let trusting = trusting
        let transport = try AsyncHTTPTransport(environment: [:], embeddedAuthorities: []) { host, _ in
            host == "localhost" ? trusting : TLSSettings()
        }
        let exchange = Exchange(transport: transport)
        #expect(try await exchange(.get, "https://localhost:\(server.port)/").status == 200)
        #expect(try await exchange.failure(.get, "https://127.0.0.1:\(server.port)/").kind == .tls)
    }

    @Test(
        "SSL_CERT_FILE and SSL_CERT_DIR stand for the machine's authorities",
        arguments: ["SSL_CERT_FILE", "SSL_CERT_DIR"]
    )
    func environment(variable: String) async throws {
        let server = try start()
        defer { server.stop() }
        let place = try TemporaryDirectory()
        let file = try place.file("authority.pem", authority)
        try place.file("README", "no certificate")
        let value = variable == "SSL_CERT_DIR" ? "/nonexistent:\(place.path)" : file
        let exchange = try Exchange(environment: [variable: value])
        #expect(try await exchange(.get, "https://127.0.0.1:\(server.port)/").status == 200)
    }

    @Test("a file without certificates is named with its variable")
    func badFile() async throws {
        let place = try TemporaryDirectory()
        for path in ["/nonexistent", try place.file("a.pem", "nothing"), place.path] {
            let failure = try await Exchange(environment: ["SSL_CERT_FILE": path]).failure(.get, "https://127.0.0.1:1/")
            #expect(failure.kind == .tls)
            #expect(failure.reason == "`SSL_CERT_FILE` names `\(path)`, which contains no readable certificates")
        }
    }

    @Test("the embedded authorities serve where the machine has none, and nowhere else")
    func embedded() async throws {
        let server = try start()
        defer { server.stop() }
        let others = try TestCertificates()
        for (files, isTrusted) in [([], true), (["/nonexistent"], true), ([others.authority], false)] {
            let trust = TrustStore(environment: [:], embeddedAuthorities: authority, systemFiles: files) { _, _ in
                TLSSettings()
            }
            let exchange = Exchange(transport: AsyncHTTPTransport(ProxySettings(), trust, .generous))
            if isTrusted {
                #expect(try await exchange(.get, "https://127.0.0.1:\(server.port)/").status == 200)
            } else {
                #expect(try await exchange.failure(.get, "https://127.0.0.1:\(server.port)/").kind == .tls)
            }
        }
    }

    @Test(
        "an untrusted certificate is refused with what is wrong with it",
        arguments: [
            (
                .good, "issued by an authority that is not trusted here (subject `127.0.0.1`, issuer `Test Authority`",
                false
            ),
            (.selfSigned, "the certificate is self-signed (subject `127.0.0.1`, issuer `127.0.0.1`", true),
            (
                .expired, "expired on 2020-01-02 (subject `127.0.0.1`, issuer `Test Authority`, valid from 2020-01-01",
                true
            ),
            (.future, "is not valid before 2099-01-01 (subject", true),
            (.wrongHost, "the certificate is for `elsewhere.test`, not for `localhost`", true),
        ] as [(TestCertificates.Server, String, Bool)]
    )
    func untrusted(kind: TestCertificates.Server, reason: String, isAuthorityTrusted: Bool) async throws {
        let server = try start(kind)
        defer { server.stop() }
        let exchange = try Exchange(tls: isAuthorityTrusted ? trusting : TLSSettings())
        let failure = try await exchange.failure(.get, "https://localhost:\(server.port)/")
        #expect(failure.kind == .tls)
        #expect(failure.reason.contains(reason), "\(failure.reason)")
        #expect(!failure.isTransient)
        let hint = try #require(failure.hint)
        switch kind {
        case .expired, .future: #expect(hint.hasPrefix("this machine's clock says 2"))
        case .wrongHost: #expect(hint == "use a name that the certificate has")
        default: #expect(hint.contains("--ca-cert localhost:\(server.port)=FILE"))
        }
    }

    @Test("a certificate for another address in numbers is refused")
    func wrongAddress() async throws {
        let server = try start(.wrongHost)
        defer { server.stop() }
        let failure = try await Exchange(tls: trusting).failure(.get, "https://127.0.0.1:\(server.port)/")
        #expect(failure.kind == .tls)
        #expect(failure.reason.contains("not for `127.0.0.1`"))
    }

    @Test("an insecure host may have any certificate", arguments: TestCertificates.Server.allCases)
    func insecure(kind: TestCertificates.Server) async throws {
        let server = try start(kind)
        defer { server.stop() }
        var settings = TLSSettings()
        settings.verifies = false
        #expect(try await Exchange(tls: settings)(.get, "https://127.0.0.1:\(server.port)/").status == 200)
    }

    @Test(
        "a client certificate is shown where it is wanted, and its absence reported",
        arguments: ["TLSv1_2", "TLSv1_3"]
    )
    func clientCertificate(version: String) async throws {
        let options = """
            context.verify_mode = ssl.CERT_REQUIRED; context.load_verify_locations("\(certificates.authority)"); \
            context.maximum_version = ssl.TLSVersion.\(version)
            """
        let server = try start(options: options)
        defer { server.stop() }
        var settings = trusting
        let without = try await Exchange(tls: settings).failure(.get, "https://127.0.0.1:\(server.port)/")
        #expect(without.kind == .tls)
        #expect(without.reason.contains("it may want a client certificate"), "\(without.reason)")

        settings.clientCertificate = try readFile(certificates.clientCertificate)
        settings.clientKey = try readFile(certificates.clientKey)
        #expect(try await Exchange(tls: settings)(.get, "https://127.0.0.1:\(server.port)/").status == 200)
    }

    @Test("files that are not keys or certificates are reported with their kind")
    func badSettings() async throws {
        var settings = TLSSettings()
        settings.authorities = [Array("nothing".utf8)]
        let authority = try await Exchange(tls: settings).failure(.get, "https://127.0.0.1:1/")
        #expect(authority.reason == "an authority for https://127.0.0.1:1 is not a certificate in PEM")
        settings.clientCertificate = try readFile(certificates.clientCertificate)
        settings.clientKey = Array("s3cret".utf8)
        let key = try await Exchange(tls: settings).failure(.get, "https://127.0.0.1:1/")
        #expect(key.reason == "the key of the client certificate for https://127.0.0.1:1 is not a private key in PEM")
    }

    @Test("a server of plain HTTP is distinguished from one of TLS")
    func plain() async throws {
        let server = try ScriptedServer { _ in .response(200) }
        let failure = try await Exchange(tls: trusting).failure(.get, "https://\(server.address)/")
        #expect(failure.kind == .tls)
        #expect(failure.reason == "`\(server.address)` does not speak TLS; it may speak plain HTTP")
    }

    @Test("a server that speaks old versions of TLS only is refused")
    func oldVersions() async throws {
        let options = """
            context.set_ciphers("ALL:@SECLEVEL=0"); context.minimum_version = ssl.TLSVersion.TLSv1; \
            context.maximum_version = ssl.TLSVersion.TLSv1
            """
        let server = try start(options: options)
        defer { server.stop() }
        let failure = try await Exchange(tls: trusting).failure(.get, "https://127.0.0.1:\(server.port)/")
        #expect(failure.kind == .tls)
        #expect(failure.reason.contains("only versions of TLS before 1.2"), "\(failure.reason)")
    }

    @Test("a server that does not go on with TLS is a connection that did not come about")
    func silent() async throws {
        let server = try start(options: "import time; context.sni_callback = lambda *arguments: time.sleep(20)")
        defer { server.stop() }
        let failure = try await Exchange(.hurried, tls: trusting).failure(.get, "https://localhost:\(server.port)/")
        #expect(failure.kind == .connect)
        #expect(failure.reason == "no connection to `localhost:\(server.port)` within 400 ms")
    }
}
