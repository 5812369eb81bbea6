package import Layers
package import OCI

/// The definition of a base: a file `Bases/SUITE/NAME.yaml`.
package struct BaseDefinition: Hashable, Sendable {
    /// An additional file that is not from a package.
    package struct ExtraFile: Hashable, Sendable {
        package enum Content: Hashable, Sendable {
            /// A file with mode 0644.
            case text([UInt8])
            /// A symlink. In `target`, `{architecture}` stands for Debian's name of the architecture.
            case symlink(target: String)
        }

        package let path: EntryPath
        package let content: Content

        package init(path: EntryPath, content: Content) {
            self.path = path
            self.content = content
        }
    }

    package let suite: DebianSuite
    /// Where its packages are, if they are apk packages.
    package let apk: ApkRepositories?
    /// The name without its suite, such as `cc`.
    package let name: String
    /// Its purpose, in one line.
    package let purpose: String
    /// Names of the packages, in the order of their layers.
    package let packages: [String]
    /// The paths to take from packages that are not taken whole, with everything below them. The copyright is always taken.
    package let parts: [String: [EntryPath]]
    /// Whether its programs run as root by default.
    package let isRootByDefault: Bool
    /// Variables as `NAME=VALUE`, besides those that all bases have.
    package let env: [String]
    package let entrypoint: [String]?
    package let files: [ExtraFile]
    /// The last day with security updates: `2028-06-30`; `rolling` for a system without releases.
    package let endOfLife: String
    /// A description of its size from the definition; `nil` if absent.
    package let size: String?
    /// The file that it was read from, for messages.
    package let origin: String

    /// The name with its suite, such as `debian12/cc`.
    package var fullName: String { "\(suite.name)/\(name)" }

    /// Whether `text` means it: by its full name, and a base of Debian's packages also by the name without its suite.
    func isCalled(_ text: String) -> Bool { text == fullName || (apk == nil && text == name) }

    /// The C library, such as `glibc`; `nil` without one.
    package var libc: String? {
        if packages.contains("libc6") || packages.contains("glibc") { return "glibc" }
        return packages.contains("musl") ? "musl" : nil
    }

    /// Whether it has a bundle of certificates.
    var hasCertificates: Bool {
        packages.contains(LayerMaker.certificates) || (apk != nil && packages.contains("ca-certificates-bundle"))
    }

    /// Whether it has a shell, also without the variant `debug`.
    package var hasShell: Bool { packages.contains { ["dash", "bash", "busybox", "busybox-static"].contains($0) } }

    /// Digest of the parts that decide which packages are locked. A lock with another digest is stale.
    package var digest: Digest {
        Digest(sha256Of: Array(([name] + packages + (apk?.names ?? [])).map { "\($0)\n" }.joined().utf8))
    }
}
