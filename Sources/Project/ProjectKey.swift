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
        /// As `IMAGE=SRC:DST…`, where IMAGE may be a path relative to the file or `{image: NAME}`, or as a mapping of its parts.
        case imageAddition
        /// As `PATH…=TEXT`, or as a mapping of its parts. The text stays as it is, but for variables of the environment.
        case text
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
    /// The mapping that it may stand in as well; `nil` if it only stands beside the others.
    package let group: String?
    /// What it may be called there, the usual name first.
    package let namesInGroup: [String]

    /// - Parameters:
    ///   - group: the mapping that it may stand in as well. There it is called as here, and usually without the group's name.
    ///   - usual: what it is usually called there instead.
    package init(
        _ name: String,
        _ kind: Kind,
        _ role: Role,
        help: String,
        in group: String? = nil,
        called usual: String? = nil
    ) {
        (self.name, self.kind, self.role, self.help) = (name, kind, role, help)
        self.group = group
        guard let group else {
            namesInGroup = []
            return
        }
        let usual = usual ?? (name.hasPrefix("\(group)-") ? String(name.dropFirst(group.count + 1)) : name)
        namesInGroup = usual == name ? [name] : [usual, name]
    }

    /// The program's path, and the same for source: the later one of them counts.
    static let alternatives = ["path": "source", "source": "path"]
}

/// What may stand in a mapping of a file.
struct ProjectMapping: Sendable {
    /// What a name means there: a value, further names, or either.
    struct Meaning: Sendable {
        var key: ProjectKey?
        /// Whether the value is the name of another image.
        var isImage = false
        var mapping: ProjectMapping?
    }

    /// In the order of the options.
    private(set) var names: [String] = []
    private(set) var meanings: [String: Meaning] = [:]

    fileprivate mutating func add(_ key: ProjectKey, at path: [String], isImage: Bool = false) {
        guard let name = path.first else { return }
        if meanings[name] == nil { names.append(name) }
        if path.count == 1 {
            meanings[name, default: Meaning()].key = key
            meanings[name]?.isImage = isImage
        } else {
            var mapping = meanings[name]?.mapping ?? ProjectMapping()
            mapping.add(key, at: Array(path.dropFirst()), isImage: isImage)
            meanings[name, default: Meaning()].mapping = mapping
        }
    }
}

/// The keys that a file may have about an image, by name.
package struct ProjectKeys: Sendable {
    /// In the order of the options. One in a mapping of its own has the mapping's name before it: `go.tags`.
    package let all: [ProjectKey]
    /// What may be said of an image: each key by itself, and in its group.
    let mapping: ProjectMapping

    package init(_ keys: [ProjectKey]) {
        all = keys
        var mapping = ProjectMapping()
        for key in keys {
            mapping.add(key, at: Self.path(key.name))
            for name in key.namesInGroup { mapping.add(key, at: [key.group ?? ""] + Self.path(name)) }
            if key.role == .base { mapping.add(key, at: [key.group ?? key.name, "image"], isImage: true) }
        }
        self.mapping = mapping
    }

    private static func path(_ name: String) -> [String] { name.split(separator: ".").map(String.init) }

    /// Where what is called `name` may stand, for a mapping that does not have it; `nil` if there is nothing of that name.
    ///
    /// - Parameter group: the mapping; `nil` for the one that has the keys of an image.
    func place(of name: String, outside group: String?) -> String? {
        guard let key = all.first(where: { $0.name == name || $0.namesInGroup.contains(name) }) else { return nil }
        guard let group else { return key.group.map { "write `\(key.name)`, or `\(name)` below `\($0)`" } }
        return key.group.map { "`\(name)` stands below `\($0)`" } ?? "`\(name)` stands beside `\(group)`"
    }

    /// What the images stand below. Other programs call them targets.
    static let lists = ["images", "targets"]
    /// What a profile may have besides the options.
    static let common = lists + ["defaults", "name", "lint"]
    /// What only a whole file may have.
    static let ofFiles = ["extends", "profiles"]

    /// All keys at the top of a file.
    package var top: [String] { inProfiles + Self.ofFiles }

    /// All keys at the top of a profile.
    package var inProfiles: [String] { Self.common + mapping.names }
}

extension ProjectKey.Role {
    /// A value of a file in `directory`, for use in the working directory.
    package func located(_ text: String, in directory: FilePath?) -> String {
        guard let directory else { return text }
        return switch self {
        case .plain, .pairs, .text: text
        case .path: Self.path(text, directory)
        case .source: Self.source(text, directory)
        // A colon in the directory would end SRC.
        case .addition:
            text.hasPrefix("/") ? text : directory.display.replacing(":", with: "\\:") + "/" + text
        case .imageAddition:
            text.firstRange(of: "=/").map { place in
                Self.base(String(text[..<place.lowerBound]), directory) + text[place.lowerBound...]
            } ?? text
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
