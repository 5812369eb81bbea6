package import ByteIO

/// A key of `coracle.yaml` about one image: an option of `build`, by its name.
package struct ProjectKey: Sendable {
    /// What its value looks like.
    package enum Kind: Hashable, Sendable {
        case text, number, flag
        /// Several texts, or one.
        case list
        /// NAME=VALUE several times, or a mapping. An image's stand behind the defaults'.
        case pairs
    }

    /// How a file gives the value, under the option's name.
    package enum Role: Hashable, Sendable {
        /// As the command line does.
        case plain
        /// As a path, relative to the file.
        case path
        /// As a path of source, relative to the file, or as an import path.
        case source
        /// As `SRC:DST…`, SRC relative to the file.
        case addition
        /// As the name of a base, which may be a path relative to the file, or as `{image: NAME}`.
        case base
        /// As a path, relative to the file, or as `env://NAME`.
        case key
        /// As NAME=VALUE, or as a mapping.
        case pairs
    }

    package let name: String
    package let kind: Kind
    package let role: Role
    /// One sentence or more, for editors.
    package let help: String

    package init(_ name: String, _ kind: Kind, _ role: Role, help: String) {
        (self.name, self.kind, self.role, self.help) = (name, kind, role, help)
    }

    /// The program's path, and the same for source: the later one of them counts.
    static let alternatives = ["path": "source", "source": "path"]
}

/// The keys that a file may have about an image, by name.
package struct ProjectKeys: Sendable {
    /// In the order of the options. One in a mapping of its own has the mapping's name before it: `go.tags`.
    package let all: [ProjectKey]
    /// What may stand at the top, of those.
    package let names: [String]
    let table: [String: ProjectKey]
    /// The keys in each mapping of its own.
    let groups: [String: [String]]

    package init(_ keys: [ProjectKey]) {
        all = keys
        table = Dictionary(keys.map { ($0.name, $0) }) { first, _ in first }
        var (names, groups) = ([String](), [String: [String]]())
        for key in keys {
            let parts = key.name.split(separator: ".").map(String.init)
            if parts.count > 1 { groups[parts[0], default: []].append(parts[1]) }
            if parts[0] != names.last { names.append(parts[0]) }
        }
        (self.names, self.groups) = (names, groups)
    }

    /// What the images stand below. Other programs call them targets.
    static let lists = ["images", "targets"]
    /// What a profile may have besides the options.
    static let common = lists + ["defaults", "name"]
    /// What only a whole file may have.
    static let ofFiles = ["extends", "profiles", "lint"]

    /// All keys at the top of a file.
    package var top: [String] { Self.common + Self.ofFiles + names }
}

extension ProjectKey.Role {
    /// A value of a file in `directory`, for use in the working directory.
    package func located(_ text: String, in directory: FilePath?) -> String {
        guard let directory else { return text }
        return switch self {
        case .plain, .pairs: text
        case .path: Self.path(text, directory)
        case .source: Self.source(text, directory)
        // A colon in the directory would end SRC.
        case .addition:
            text.hasPrefix("/") ? text : directory.display.replacing(":", with: "\\:") + "/" + text
        case .base: Self.base(text, directory)
        case .key: text.contains("://") ? text : Self.path(text, directory)
        }
    }

    private static func path(_ text: String, _ directory: FilePath) -> String {
        text.hasPrefix("/") || text.isEmpty ? text : directory.appending(text).display
    }

    /// What is not there beside the file may be the name of a package.
    private static func source(_ text: String, _ directory: FilePath) -> String {
        let path = path(text, directory)
        if text.hasPrefix(".") { return path }
        return (try? FileStatus(at: FilePath(path), following: true)) == nil ? text : path
    }

    /// Changes only what is a path for sure.
    private static func base(_ text: String, _ directory: FilePath) -> String {
        for prefix in ["oci:", "oci-archive:", "docker-archive:"] where text.hasPrefix(prefix) {
            return prefix + path(String(text.dropFirst(prefix.count)), directory)
        }
        return text.hasPrefix("./") || text.hasPrefix("../") ? path(text, directory) : text
    }
}
