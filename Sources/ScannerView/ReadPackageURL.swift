import OCI

/// A package URL as scanners read it: leniently, and not always as ECMA-427 wants it written.
///
/// The Go library `packageurl-go`, which trivy, syft, grype and osv-scanner share, decides what is readable.
struct ReadPackageURL: Hashable, Sendable {
    /// Lower case, such as `deb`.
    let type: String
    /// Decoded, without slashes at its ends; `nil` if absent.
    let namespace: String?
    /// Decoded.
    let name: String
    /// Decoded; `nil` if absent or empty.
    let version: String?
    /// Keys in lower case, values decoded; keys without a value are left out.
    let qualifiers: [String: String]

    /// Why a text is not a package URL.
    struct Problem: Error {
        /// Completes "because: ".
        let reason: String
    }

    /// Types without a meaning unless they have a namespace.
    private static let namespaced: Set<String> = ["swift", "cpan", "vscode-extension"]

    init(parsing text: String) throws(Problem) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text[..<colon].lowercased() == "pkg" else {
            throw Problem(reason: "it does not begin with `pkg:`")
        }
        var rest = text[text.index(after: colon)...]
        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        while rest.first == "/" { rest.removeFirst() }
        while rest.last == "/" { rest.removeLast() }
        guard let slash = rest.firstIndex(of: "/") else { throw Problem(reason: "it has no name behind a type") }
        type = rest[..<slash].lowercased()
        guard Self.isType(type) else { throw Problem(reason: "`\(type.excerpt)` is not a type") }
        rest = rest[rest.index(after: slash)...]
        var version: String?
        // An `@` of a scope that is not encoded stands before a slash, and does not begin the version.
        if let at = rest.lastIndex(of: "@"), !rest[at...].contains("/") || rest[..<at].contains("/") {
            version = try Self.decoded(rest[rest.index(after: at)...], "version")
            rest = rest[..<at]
        }
        var parts = rest.split(separator: "/")
        guard let last = parts.popLast() else { throw Problem(reason: "it has no name") }
        name = try Self.decoded(last, "name")
        var decoded = [String]()
        for part in parts { decoded.append(try Self.decoded(part, "namespace")) }
        namespace = decoded.isEmpty ? nil : decoded.joined(separator: "/")
        if namespace == nil, Self.namespaced.contains(type) {
            throw Problem(reason: "`\(type)` needs a namespace before the name")
        }
        guard !name.isEmpty else { throw Problem(reason: "it has no name") }
        self.version = version.flatMap { $0.isEmpty ? nil : $0 }
        qualifiers = try Self.qualifiers(query)
    }

    /// The namespace and the name, as Go modules, npm packages and others are called.
    var fullName: String { (namespace.map { "\($0)/" } ?? "") + name }

    /// Letters, digits, `.` and `-`; the first is a letter.
    private static func isType(_ type: String) -> Bool {
        guard let first = type.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return type.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
        }
    }

    private static func qualifiers(_ query: Substring) throws(Problem) -> [String: String] {
        var qualifiers = [String: String]()
        for pair in query.split(separator: "&") {
            let key = pair.prefix { $0 != "=" }.lowercased()
            guard
                !key.isEmpty,
                key.utf8.allSatisfy({
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
                })
            else { throw Problem(reason: "`\(key.excerpt)` is not a key of a qualifier") }
            let value = try decoded(pair.dropFirst(key.count + 1), "qualifier `\(key.excerpt)`")
            guard qualifiers[key] == nil else { throw Problem(reason: "the qualifier `\(key.excerpt)` is there twice") }
            if !value.isEmpty { qualifiers[key] = value }
        }
        return qualifiers
    }

    /// RFC 3986 § 2.1.
    private static func decoded(_ text: Substring, _ part: String) throws(Problem) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes = [UInt8]()
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.first != UInt8(ascii: "+")
            else { throw Problem(reason: "a `%` in its \(part) is not followed by two hexadecimal digits") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
