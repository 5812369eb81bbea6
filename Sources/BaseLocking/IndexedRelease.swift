package import Bases
package import ByteIO
package import Diagnostics
import Debian
import Glibc
import OCI

/// A release of a system whose packages have a signed index of Debian's form.
package struct IndexedRelease: Hashable, Sendable, Comparable {
    /// As images call it: `debian` or `ubuntu`.
    private let system: String
    private let codename: String

    package init(_ suite: DebianSuite) { self.init(system: "debian", codename: suite.codename) }

    private init(system: String, codename: String) { (self.system, self.codename) = (system, codename) }

    /// The release that an image says it is, by its `os-release`.
    ///
    /// - Returns: `nil` if no index of the system is read here.
    package init?(id: String, version: String, codename: String?) {
        switch id {
        case "debian":
            guard let suite = DebianSuite.known.first(where: { "\($0.number)" == version }) else { return nil }
            self.init(suite)
        case "ubuntu":
            guard let codename else { return nil }
            self.init(system: id, codename: codename)
        default: return nil
        }
    }

    /// The release, its updates and its security updates.
    var archives: [String] { DebianSuite.archives(of: codename) }

    /// The parts of an archive. A later one is read only if a package is in none before it.
    var components: [String] { isDebian ? ["main"] : ["main", "universe", "restricted", "multiverse"] }

    private var isDebian: Bool { system == "debian" }

    private static let ubuntuKeyring = FilePath("/usr/share/keyrings/ubuntu-archive-keyring.gpg")

    /// The files of keys that sign the index, if the user names none; empty for Debian's.
    ///
    /// - Throws: `gpgv.keyring-missing` for another system's that is not there.
    package func keyrings() throws(Diagnostic) -> [FilePath] {
        if isDebian { return [] }
        let keyring = Self.ubuntuKeyring
        guard keyring.withCString({ access($0, R_OK) }) != 0 else { return [keyring] }
        throw Diagnostic(
            .gpgvKeyringMissing,
            "Ubuntu's signatures cannot be verified",
            at: .file(path: keyring.display),
            because: "the keyring `\(keyring.display)` cannot be read, and no other one is named"
        )
    }

    /// - Throws: `base.no-mirror` if no mirror has its archives.
    func require(_ mirrors: BaseMirrors) throws(Diagnostic) {
        guard mirrors.mirrors(of: codename).isEmpty else { return }
        throw Diagnostic(
            .baseNoMirror,
            "there is no mirror of \(isDebian ? "Debian" : "Ubuntu") `\(codename.excerpt)`",
            because: "apt is not configured with this release, and no mirror is named"
        )
    }

    package static func < (left: IndexedRelease, right: IndexedRelease) -> Bool {
        (left.system, left.codename) < (right.system, right.codename)
    }
}
