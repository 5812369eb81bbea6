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
    /// Names of the packages that it names, or inherits, in the order of their layers.
    package internal(set) var packages: [String]
    /// Those whose dependencies are packages of the base as well. The lock has them, because they change with the packages.
    package internal(set) var followed: [String] = []
    /// Packages that are not taken, though something depends on them.
    package internal(set) var excluded: Set<String> = []
    /// Libraries that files of the base may need in vain.
    package internal(set) var lacking: [String] = []
    /// Whether manuals, documentation and translations are left out, except of `documented`.
    package internal(set) var isUndocumented = false
    /// Packages of a definition that this one extends and that keeps their documentation: so their layers stay the same.
    package internal(set) var documented: Set<String> = []
    /// The paths to take from packages that are not taken whole, with everything below them. The copyright is always taken.
    package internal(set) var parts: [String: [EntryPath]]
    /// Whether its programs run as root by default.
    package let isRootByDefault: Bool
    /// Variables as `NAME=VALUE`, besides those that all bases have.
    package internal(set) var env: [String]
    package let entrypoint: [String]?
    package internal(set) var files: [ExtraFile]
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

    /// Whether all libraries that its files need have to be in it.
    ///
    /// In a definition without dependencies a person has chosen each package, and what is missing of them.
    package var mustBeWhole: Bool { !followed.isEmpty }

    /// Digest of the parts that decide which packages are locked. A lock with another digest is stale.
    package var digest: Digest {
        var lines = [name] + packages + (apk?.names ?? [])
        if !followed.isEmpty {
            lines += followed.map { "with the dependencies of \($0)" } + excluded.sorted().map { "without \($0)" }
        }
        return Digest(sha256Of: Array(lines.map { "\($0)\n" }.joined().utf8))
    }
}
