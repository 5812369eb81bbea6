import Diagnostics
import OCI
import YAML

/// Changes of a mapping in the bytes of a file: values are replaced, and members that are missing stand behind the one that
/// is there.
struct MemberEdit {
    private let bytes: [UInt8]
    /// The texts of the document, each key before its value.
    private let scalars: [YAMLScalar]
    /// What messages call the file.
    private let name: String
    /// The places of the keys of each mapping, by its path.
    private lazy var keys: [[YAMLScalar.Step]: [Int]] = {
        var keys: [[YAMLScalar.Step]: [Int]] = [:]
        for (index, scalar) in scalars.enumerated() where scalar.isKey { keys[scalar.path, default: []].append(index) }
        return keys
    }()
    /// By the bytes that they take the place of; an empty range is a place.
    private(set) var replacements: [Range<Int>: String] = [:]

    init(_ bytes: [UInt8], _ scalars: [YAMLScalar], named name: String) {
        (self.bytes, self.scalars, self.name) = (bytes, scalars, name)
    }

    /// Puts `text` in the place of a text.
    ///
    /// - Throws: `kubernetes.unreplaceable`.
    mutating func replace(_ scalar: YAMLScalar, with text: String) throws(Diagnostic) {
        guard let range = scalar.textRange(in: bytes) else {
            throw Diagnostic(
                .manifestUnreplaceable,
                "`\(scalar.text.trimmed.excerpt)` cannot be replaced",
                at: .file(path: name, line: scalar.mark.line),
                because: "column \(scalar.mark.column): its letters do not stand together in the file",
                hint: "write it in one line, without quotes"
            )
        }
        replacements[range] = text
    }

    /// Sets members beside the one whose value is `scalars[index]`.
    ///
    /// - Parameter members: without quotes; those that are not there are added in this order.
    /// - Throws: `kubernetes.unreplaceable`.
    mutating func set(_ members: [(key: String, text: String)], besides index: Int) throws(Diagnostic) {
        let value = scalars[index]
        let parent = Array(value.path.dropLast())
        var missing: [(key: String, text: String)] = []
        for member in members {
            let siblings = (keys[parent] ?? []).filter { place in
                scalars[place].document == value.document && scalars[place].text == member.key
            }
            // A collection that is an element of a list, or a key itself, has the path of its parent: the nearest counts.
            guard let key = siblings.min(by: { abs($0 - index) < abs($1 - index) }) else {
                missing.append(member)
                continue
            }
            let path = parent + [.key(member.key)]
            guard key + 1 < scalars.count, scalars[key + 1].path == path, !scalars[key + 1].isKey else {
                throw Diagnostic(
                    .manifestUnreplaceable,
                    "`\(member.key)` cannot be replaced",
                    at: .file(path: name, line: scalars[key].mark.line),
                    because: "its value is not a text that stands here",
                    hint: "write a text there, or leave the key out"
                )
            }
            let old = scalars[key + 1]
            var text = old.written(member.text)
            if text.hasPrefix(" "), bytes[old.bytes.upperBound - 1] == 0x20 { text.removeFirst() }
            try replace(old, with: text)
        }
        if !missing.isEmpty { insert(missing, behind: index) }
    }

    private mutating func insert(_ members: [(key: String, text: String)], behind index: Int) {
        let (key, value) = (scalars[index - 1], scalars[index])
        if value.isInFlow {
            let quote = key.style == .doubleQuoted ? "\"" : ""
            let text = members.map { member in
                let written = quote.isEmpty ? YAMLScalar.plain(member.text) : "\"\(member.text)\""
                return ", \(quote)\(member.key)\(quote): \(written)"
            }
            add(text.joined(), at: value.bytes.upperBound)
            return
        }
        let indent = String(repeating: " ", count: key.mark.column - 1)
        let lines = members.map { "\(indent)\($0.key): \(YAMLScalar.plain($0.text))" }
        // A block ends with its last line, and a comment stands behind the value on its line.
        if value.style == .block, value.bytes.upperBound > 0, Self.isBreak(bytes[value.bytes.upperBound - 1]) {
            add(lines.map { $0 + lineBreak }.joined(), at: value.bytes.upperBound)
        } else {
            let end = ManifestPiece.endOfLine(bytes, from: value.bytes.upperBound).text
            add(lines.map { lineBreak + $0 }.joined(), at: end)
        }
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// What ends the lines of the file.
    var lineBreak: String {
        guard let feed = bytes.firstIndex(of: 0x0A), feed > 0, bytes[feed - 1] == 0x0D else { return "\n" }
        return "\r\n"
    }

    mutating func add(_ text: String, at offset: Int) {
        replacements[offset..<offset, default: ""] += text
    }
}

extension Diagnostic.Code {
    static let manifestUnreplaceable = Self("kubernetes.unreplaceable", .input)
}
