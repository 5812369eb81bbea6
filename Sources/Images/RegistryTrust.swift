import ByteIO
import Diagnostics
import Glibc
import HTTP
import Registry

/// Which certificates are trusted for which registry, beside those of the machine.
struct RegistryTrust: Sendable {
    private let authorities: [String: [[UInt8]]]
    private let insecure: Set<String>
    private let kept: RegistryCertificates
    private let note: @Sendable (Diagnostic) -> Void

    /// Maximum size of one file of certificates, in bytes.
    private static let largestFile = 4 << 20

    /// Reads the files that were named; those that administrators keep are read when their registry is spoken to.
    ///
    /// - Parameter note: called for each that cannot be read.
    /// - Throws: `certificates.unreadable`.
    init(_ settings: RegistrySettings, note: @escaping @Sendable (Diagnostic) -> Void) throws(Diagnostic) {
        insecure = settings.insecureRegistries
        kept = RegistryCertificates(environment: settings.environment)
        self.note = note
        var authorities: [String: [[UInt8]]] = [:]
        for (registry, paths) in settings.certificateAuthorities {
            var files = [[UInt8]]()
            for path in paths { files.append(try Self.read(path)) }
            authorities[registry] = files
        }
        self.authorities = authorities
    }

    func settings(_ host: String, _ port: Int) -> TLSSettings {
        var settings = TLSSettings()
        do throws(Diagnostic) {
            settings = try kept.settings(host: host, port: port)
        } catch {
            // The connection may do without; if not, its own error follows.
            note(error)
        }
        let hosts = Quirks.names(ofHost: host)
        let names = hosts.flatMap { port == 443 ? [$0, "\($0):443"] : ["\($0):\(port)"] }
        settings.authorities += names.flatMap { authorities[$0] ?? [] }
        settings.verifies = !names.contains { insecure.contains($0) }
        return settings
    }

    private static func read(_ path: FilePath) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            return try OpenFile(path, O_RDONLY | O_NONBLOCK).readAll(limit: largestFile)
        } catch {
            throw Diagnostic(
                .certificatesUnreadable,
                "cannot read the certificates in `\(path.display)`",
                at: .file(path: path.display),
                because: error.description(readingAtMost: largestFile),
                hint: "give `--ca-cert REGISTRY=FILE` with a file of PEM certificates"
            )
        }
    }
}
