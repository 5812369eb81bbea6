import Archive
package import ELF
import OCI

/// The crates that `cargo auditable` noted in a program: the section `.dep-v0`, JSON compressed with zlib.
package struct RustCrates: Hashable, Sendable {
    package struct Crate: Hashable, Sendable {
        package let name: String
        package let version: String
        /// Where its source is from: `local`, `git`, `registry`, or the public registry by its host's name; `nil` if it is not said.
        package let source: String?
        /// Whether the program is its own.
        package let isRoot: Bool
        /// What it uses: indexes of `all`.
        package let dependencies: [Int]

        /// Whether the name is that of a package which everyone can fetch.
        package var isOfPublicRegistry: Bool {
            guard let source else { return false }
            return !["local", "git", "registry"].contains(source) && !source.hasPrefix("git+")
        }
    }

    /// Those that are in the program, as in the list; those that only built it are not.
    package let all: [Crate]

    /// The most bytes of the section, and of what is in it, that are read.
    private static let compressedLimit = 1 << 20
    private static let limit = 8 << 20

    /// `nil` if there is no list, or if it cannot be read: that never fails a build.
    package init?(in file: ElfFile, reading source: borrowing some ElfSource & ~Copyable) {
        guard
            let compressed = file.section(named: ".dep-v0", upTo: Self.compressedLimit, in: source),
            let text = ZlibStream.expanded(compressed, limit: Self.limit),
            let json = try? JSON(parsing: text, named: ".dep-v0"),
            case .array(let packages)? = json["packages"]
        else { return nil }
        let kept = packages.indices.filter { index in
            let package = packages[index]
            return package["name"]?.stringValue != nil && package["version"]?.stringValue != nil
                && package["kind"]?.stringValue != "build"
        }
        let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        all = kept.map { index in
            let package = packages[index]
            return Crate(
                name: package["name"]?.stringValue ?? "",
                version: package["version"]?.stringValue ?? "",
                source: package["source"]?.stringValue,
                isRoot: package["root"]?.boolValue ?? false,
                dependencies: (package["dependencies"]?.arrayValue ?? []).compactMap { dependency in
                    dependency.intValue.flatMap { Int(exactly: $0) }.flatMap { places[$0] }
                }
            )
        }
    }

    func version(of name: String) -> String? { all.first { $0.name == name }?.version }
}
