package import ByteIO
package import Diagnostics
import Glibc
package import HTTP

/// Certificates that administrators and users keep for single registries, as docker and podman look for them: in a
/// directory called `HOST` or `HOST:PORT`, `*.crt` are authorities, `NAME.cert` with `NAME.key` is a client certificate.
package struct RegistryCertificates: Sendable {
    private static let sizeLimit = 1 << 20
    /// Largest number of files for one registry.
    private static let countLimit = 100

    private let directories: [FilePath]

    /// The directories of docker and podman, the user's own first.
    ///
    /// - Parameter environment: the process's variables.
    package init(environment: [String: String]) {
        let configuration =
            environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/.config" }
        let user = configuration.map { FilePath($0 + "/containers/certs.d") }
        self.init(directories: (user.map { [$0] } ?? []) + ["/etc/containers/certs.d", "/etc/docker/certs.d"])
    }

    /// Directories of directories called as registries are; what comes first counts where only one can.
    package init(directories: [FilePath]) { self.directories = directories }

    /// The settings for a registry; the default ones if there are no files for it.
    ///
    /// - Parameters:
    ///   - host: as in an address; `registry-1.docker.io` is also looked for as `docker.io`.
    ///   - port: without it in a directory's name, that of https.
    /// - Throws: `certificates.unreadable`, `certificates.incomplete`.
    package func settings(host: String, port: Int) throws(Diagnostic) -> TLSSettings {
        var settings = TLSSettings()
        // A host is a name, not a path.
        guard !host.isEmpty, !host.hasPrefix("."), !host.utf8.contains(UInt8(ascii: "/")) else { return settings }
        let hosts = Quirks.names(ofHost: host)
        for directory in directories {
            for host in hosts {
                try add(directory.appending("\(host):\(port)"), to: &settings)
                if port == 443 { try add(directory.appending(host), to: &settings) }
            }
        }
        return settings
    }

    private func add(_ directory: FilePath, to settings: inout TLSSettings) throws(Diagnostic) {
        let names: [String]
        do throws(SystemError) {
            // Opened as it is: an administrator's symlink is as good as a directory.
            let entries = try OpenFile(directory, O_RDONLY | O_DIRECTORY).directoryEntries()
            names = entries.compactMap { String(validating: $0, as: UTF8.self) }.sorted()
        } catch {
            if error.number == ENOENT || error.number == ENOTDIR { return }
            throw unreadable(directory, error.description)
        }
        guard names.count <= Self.countLimit else {
            throw unreadable(directory, "it has more than \(Self.countLimit) files")
        }
        for name in names where name.hasSuffix(".crt") {
            settings.authorities.append(try read(directory.appending(name)))
        }
        for name in names where name.hasSuffix(".cert") || name.hasSuffix(".key") {
            let isKey = name.hasSuffix(".key")
            let stem = name.dropLast(isKey ? 4 : 5)
            let other = isKey ? "\(stem).cert" : "\(stem).key"
            guard names.contains(other) else {
                throw Diagnostic(
                    .certificatesIncomplete,
                    "a client certificate needs both its files",
                    at: .file(path: directory.appending(name).display),
                    because: "`\(other)` is not beside it",
                    hint: isKey ? nil : "if it is an authority, its name must end in `.crt`"
                )
            }
            guard !isKey, settings.clientCertificate == nil else { continue }
            settings.clientCertificate = try read(directory.appending(name))
            settings.clientKey = try read(directory.appending(other))
        }
    }

    private func read(_ path: FilePath) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            return try OpenFile(path, O_RDONLY | O_NONBLOCK).readAll(limit: Self.sizeLimit)
        } catch {
            throw unreadable(path, error.description(readingAtMost: Self.sizeLimit))
        }
    }

    private func unreadable(_ path: FilePath, _ reason: String) -> Diagnostic {
        Diagnostic(
            .certificatesUnreadable,
            "cannot read the certificates of a registry",
            at: .file(path: path.display),
            because: reason
        )
    }
}

extension Diagnostic.Code {
    package static let certificatesUnreadable = Self("certificates.unreadable", .input)
    package static let certificatesIncomplete = Self("certificates.incomplete", .input)
}
