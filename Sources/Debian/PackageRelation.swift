package import Diagnostics

/// What a package asks of others: the value of a field such as `Depends`, deb-control(5).
package struct PackageRelations: Hashable, Sendable {
    /// One of the packages that would do: `libc6 (>= 2.41)`, `python3:any`.
    package struct Alternative: Hashable, Sendable, CustomStringConvertible {
        package enum Order: String, Hashable, Sendable {
            case earlier = "<<"
            case earlierOrEqual = "<="
            case equal = "="
            case laterOrEqual = ">="
            case later = ">>"
        }

        package let name: String
        /// Any version will do without it.
        package let order: Order?
        /// The version that is compared with; empty without `order`.
        package let version: String

        /// As Debian writes it, without the architecture.
        package var description: String { order.map { "\(name) (\($0.rawValue) \(version))" } ?? name }

        /// Whether `candidate` is such a version. Nothing satisfies a version that cannot be read.
        package func accepts(_ candidate: DebianVersion) -> Bool {
            guard let order else { return true }
            guard let wanted = try? DebianVersion(parsing: version) else { return false }
            return switch order {
            case .earlier: candidate < wanted
            case .earlierOrEqual: candidate < wanted || candidate == wanted
            case .equal: candidate == wanted
            case .laterOrEqual: !(candidate < wanted)
            case .later: wanted < candidate
            }
        }
    }

    /// Each is needed; of its alternatives one will do.
    package let groups: [[Alternative]]

    /// Largest field, in bytes; the largest of Debian have some ten thousand.
    private static let sizeLimit = 256 << 10

    /// - Throws: `debian.relation-malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        guard text.utf8.count <= Self.sizeLimit else { throw Self.malformed(text, "it is too long") }
        var groups = [[Alternative]]()
        for group in text.split(separator: ",") {
            var alternatives = [Alternative]()
            for word in group.split(separator: "|", omittingEmptySubsequences: false) {
                alternatives.append(try Self.alternative(word, in: text))
            }
            groups.append(alternatives)
        }
        self.groups = groups
    }

    private static func alternative(_ word: Substring, in text: String) throws(Diagnostic) -> Alternative {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A }
        let bytes = Array(word.utf8)
        // Restrictions to architectures and profiles are for sources only.
        guard let start = bytes.firstIndex(where: { !isSpace($0) }), !bytes.contains(UInt8(ascii: "[")) else {
            throw malformed(text, "an alternative is empty or is for sources")
        }
        let end = bytes[start...].firstIndex { isSpace($0) || $0 == UInt8(ascii: "(") } ?? bytes.endIndex
        let name = String(decoding: bytes[start..<end].prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
        guard name.isPackageName else { throw malformed(text, "`\(name.prefix(80))` is not a package name") }
        let rest = bytes[end...].filter { !isSpace($0) }
        if rest.isEmpty { return Alternative(name: name, order: nil, version: "") }
        guard rest.first == UInt8(ascii: "("), rest.last == UInt8(ascii: ")"), rest.count > 3 else {
            throw malformed(text, "the version of `\(name)` has no parentheses")
        }
        let inner = rest.dropFirst().dropLast()
        let sign = inner.prefix { [UInt8(ascii: "<"), UInt8(ascii: "="), UInt8(ascii: ">")].contains($0) }
        let version = String(decoding: inner[sign.endIndex...], as: UTF8.self)
        guard let order = Alternative.Order(rawValue: String(decoding: sign, as: UTF8.self)), !version.isEmpty else {
            throw malformed(text, "the version of `\(name)` cannot be read")
        }
        return Alternative(name: name, order: order, version: version)
    }

    private static func malformed(_ text: String, _ reason: String) -> Diagnostic {
        let shown = String(printing: text.utf8.prefix(80))
        return Diagnostic(
            .debianRelationMalformed,
            "`\(shown)` does not say which packages are needed",
            because: reason
        )
    }
}

extension Diagnostic.Code {
    package static let debianRelationMalformed = Self("debian.relation-malformed", .verification)
}
