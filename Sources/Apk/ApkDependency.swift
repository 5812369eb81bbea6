/// What a package needs, or must not meet: `musl>=1.2`, `so:libz.so.1`, `cmd:sh`, `/bin/sh`, `!busybox-initscripts`.
///
/// apk-package(5) § Dependency syntax.
package struct ApkDependency: Hashable, Sendable, CustomStringConvertible {
    /// How versions are compared.
    package enum Relation: String, Hashable, Sendable {
        case equal = "="
        case less = "<"
        case greater = ">"
        case atMost = "<="
        case atLeast = ">="
        /// The version begins with these parts.
        case like = "~"
        /// A package by its checksum, which only an installed database knows.
        case checksum = "><"
    }

    /// The dependency as it was written.
    package let description: String
    /// A package's name, or what packages provide, such as `so:libz.so.1`.
    package let name: String
    /// Whether a package that fits must not be there.
    package let isConflict: Bool
    private let relation: Relation?
    private let version: ApkVersion?

    /// `nil` for what is not a dependency.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 1024 else { return nil }
        let isConflict = text.utf8.first == UInt8(ascii: "!")
        let rest = isConflict ? Array(text.utf8.dropFirst()) : Array(text.utf8)
        let marks = "=<>~".utf8
        let end = rest.firstIndex(where: marks.contains) ?? rest.endIndex
        let tail = rest[end...]
        let mark = tail.prefix(while: marks.contains)
        // A tag names a repository (`name@edge`): which are read is said in another place.
        let name = rest[..<end].prefix { $0 != UInt8(ascii: "@") }
        let isName = !name.isEmpty && name.allSatisfy { (0x21...0x7E).contains($0) }
        guard isName else { return nil }
        description = String(text)
        self.name = String(decoding: name, as: UTF8.self)
        self.isConflict = isConflict
        guard !mark.isEmpty else {
            (relation, version) = (nil, nil)
            return
        }
        var sign = String(decoding: mark, as: UTF8.self)
        if sign == "=~" || sign == "~=" { sign = "~" }
        guard let relation = Relation(rawValue: sign) else { return nil }
        let written = String(decoding: tail.dropFirst(mark.count).prefix { $0 != UInt8(ascii: "@") }, as: UTF8.self)
        self.relation = relation
        guard relation != .checksum else {
            version = nil
            return
        }
        guard let version = try? ApkVersion(parsing: written) else { return nil }
        self.version = version
    }

    /// Whether something of its name with the version `found` fits; `nil` for something without a version.
    package func allows(_ found: ApkVersion?) -> Bool {
        guard let relation, let version else { return true }
        guard let found else { return false }
        switch relation {
        case .equal: return found == version
        case .less: return found < version
        case .greater: return version < found
        case .atMost: return !(version < found)
        case .atLeast: return !(found < version)
        case .like: return found.begins(with: version)
        case .checksum: return true
        }
    }

    package static func == (left: ApkDependency, right: ApkDependency) -> Bool { left.description == right.description }
    package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

/// What a package provides besides its own name: `so:libz.so.1=1.3.1`, `cmd:sh=1.36.1-r2`, `/bin/sh`.
package struct ApkProvision: Hashable, Sendable {
    package let name: String
    /// `nil` if it has none, or one that is not a version.
    package let version: ApkVersion?

    package init(_ text: some StringProtocol) {
        let parts = text.split(separator: "=", maxSplits: 1)
        name = parts.first.map { String($0) } ?? ""
        version = parts.count == 2 ? try? ApkVersion(parsing: String(parts[1])) : nil
    }

    package static func == (left: ApkProvision, right: ApkProvision) -> Bool {
        left.name == right.name && left.version?.description == right.version?.description
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
