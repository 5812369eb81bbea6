import Archive
import ELF
import OCI

/// The crates that `cargo auditable` noted in a program: the section `.dep-v0`, JSON compressed with zlib.
package struct RustCrates: Hashable, Sendable {
    package struct Crate: Hashable, Sendable {
        package let name: String
        package let version: String
    }

    /// Those that are in the program; those that only built it are not.
    package let all: [Crate]

    /// The most bytes of the section, and of what is in it, that are read.
    private static let compressedLimit = 1 << 20
    private static let limit = 8 << 20

    /// `nil` if there is no list, or if it cannot be read: that never fails a build.
    init?(in file: ElfFile, reading source: borrowing some ElfSource & ~Copyable) {
        guard
            let compressed = file.section(named: ".dep-v0", upTo: Self.compressedLimit, in: source),
            let text = ZlibStream.expanded(compressed, limit: Self.limit),
            let json = try? JSON(parsing: text, named: ".dep-v0"),
            case .array(let packages)? = json["packages"]
        else { return nil }
        all = packages.compactMap { package in
            guard
                let name = package["name"]?.stringValue, let version = package["version"]?.stringValue,
                package["kind"]?.stringValue != "build"
            else { return nil }
            return Crate(name: name, version: version)
        }
    }

    func version(of name: String) -> String? { all.first { $0.name == name }?.version }
}
