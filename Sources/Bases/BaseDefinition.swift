package import Diagnostics
package import Layers
package import OCI

/// What a base is made of: a file `Bases/SUITE/NAME.yaml`.
package struct BaseDefinition: Hashable, Sendable {
    /// Something that no package brings.
    package struct ExtraFile: Hashable, Sendable {
        package enum Content: Hashable, Sendable {
            /// With mode 0644.
            case text([UInt8])
            /// In `target`, `{architecture}` stands for Debian's name of it.
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
    /// Such as `cc`.
    package let name: String
    /// What it is for, in one line.
    package let purpose: String
    /// In the order of their layers.
    package let packages: [String]
    /// Of packages that are not taken whole, what is: these paths, and what is below them. The copyright is always.
    package let parts: [String: [EntryPath]]
    /// Whether its programs run as root where nothing else is asked for.
    package let isRootByDefault: Bool
    /// `NAME=VALUE`, besides those that all bases have.
    package let env: [String]
    package let entrypoint: [String]?
    package let files: [ExtraFile]
    /// The last day with security updates: `2028-06-30`.
    package let endOfLife: String
    /// How large it is, in the words of whoever wrote it; nil if it is not said.
    package let size: String?
    /// The file it was read from, for messages.
    package let origin: String

    /// Such as `debian12/cc`.
    package var fullName: String { "\(suite.name)/\(name)" }

    /// Such as `glibc`; nil without any.
    package var libc: String? { packages.contains("libc6") ? "glibc" : nil }

    /// Whether it has a shell without being asked for one.
    package var hasShell: Bool { packages.contains { ["dash", "bash", "busybox", "busybox-static"].contains($0) } }

    /// Of what decides which packages are locked: a lock that has another one is stale.
    package var digest: Digest {
        Digest(sha256Of: Array(([name] + packages).map { "\($0)\n" }.joined().utf8))
    }
}

extension Diagnostic.Code {
    package static let baseDefinitionMalformed = Self("base.definition-malformed", .input)
}
