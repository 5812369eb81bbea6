/// The tables of a TOML document, as far as lock files of Python use the language.
///
/// TOML v1.0.0. Numbers and dates are kept as they are written, and dotted keys stay one name.
struct TOMLDocument {
    indirect enum Value: Hashable {
        case text(String)
        case list([Value])
        case table([String: Value])
        /// A number, a truth value or a date, as it is written.
        case other(String)

        var text: String? { if case .text(let text) = self { text } else { nil } }
        var list: [Value]? { if case .list(let list) = self { list } else { nil } }
        var table: [String: Value]? { if case .table(let table) = self { table } else { nil } }

        /// Whether it is the word `true`.
        var isTrue: Bool { self == .other("true") }
    }

    struct Table {
        /// As it stands between the brackets; empty for what is above the first.
        let name: String
        fileprivate(set) var members: [String: Value] = [:]

        subscript(name: String) -> Value? { members[name] }
    }

    /// In the order of the document.
    private(set) var tables = [Table(name: "")]

    /// `nil` if the text is malformed.
    init?(_ bytes: [UInt8]) {
        var reader = TOMLReader(bytes)
        while reader.skipBlank() {
            if reader.take("[") {
                let isListed = reader.take("[")
                guard let name = reader.header(isListed: isListed) else { return nil }
                tables.append(Table(name: name))
            } else {
                guard let (key, value) = reader.member(), reader.endsLine() else { return nil }
                tables[tables.count - 1].members[key] = value
            }
        }
    }

    /// The tables called `name`.
    func all(_ name: String) -> [Table] { tables.filter { $0.name == name } }
}

private struct TOMLReader {
    private static let deepest = 16

    private let bytes: [UInt8]
    private var place = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
        while let byte = next, isSkipped(byte) { place += 1 }
    }

    private mutating func skipSpaces() { skip { $0 == 0x20 || $0 == 0x09 } }

    /// Skips white space, line ends and comments; false at the end.
    mutating func skipBlank() -> Bool {
        while let byte = next {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            case UInt8(ascii: "#"): skip { $0 != 0x0A }
            default: return true
            }
        }
        return false
    }

    /// Whether nothing else follows on the line.
    mutating func endsLine() -> Bool {
        skipSpaces()
        return next == nil || next == 0x0A || next == 0x0D || next == UInt8(ascii: "#")
    }

    private mutating func text(until isEnd: (UInt8) -> Bool) -> String {
        let start = place
        skip { !isEnd($0) }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// What is between the brackets of a table, the first of which was read.
    mutating func header(isListed: Bool) -> String? {
        let name = text { $0 == UInt8(ascii: "]") || $0 == 0x0A }.filter { $0 != " " && $0 != "\"" }
        guard take("]"), !isListed || take("]"), endsLine() else { return nil }
        return name
    }

    mutating func member() -> (String, TOMLDocument.Value)? {
        let key: String
        if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") {
            guard let quoted = string() else { return nil }
            key = quoted
        } else {
            key = text { $0 == UInt8(ascii: "=") || $0 == 0x0A || $0 == 0x20 || $0 == 0x09 }
        }
        skipSpaces()
        guard !key.isEmpty, take("=") else { return nil }
        skipSpaces()
        return value().map { (key, $0) }
    }

    private mutating func value() -> TOMLDocument.Value? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest, let first = next else { return nil }
        switch first {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return string().map { .text($0) }
        case UInt8(ascii: "["):
            place += 1
            var list = [TOMLDocument.Value]()
            while skipBlank(), !take("]") {
                guard let item = value() else { return nil }
                list.append(item)
                guard skipBlank(), take(",") || next == UInt8(ascii: "]") else { return nil }
            }
            return bytes[place - 1] == UInt8(ascii: "]") ? .list(list) : nil
        case UInt8(ascii: "{"):
            place += 1
            var table: [String: TOMLDocument.Value] = [:]
            while skipBlank(), !take("}") {
                guard let (key, item) = member() else { return nil }
                table[key] = item
                guard skipBlank(), take(",") || next == UInt8(ascii: "}") else { return nil }
            }
            return bytes[place - 1] == UInt8(ascii: "}") ? .table(table) : nil
        default:
            let word = text { $0 == 0x0A || $0 == 0x0D || ",]}# ".utf8.contains($0) }
            return word.isEmpty ? nil : .other(word)
        }
    }

    /// A string in its quotes.
    private mutating func string() -> String? {
        guard let quote = next else { return nil }
        let isLong = bytes[place...].prefix(3).elementsEqual([quote, quote, quote])
        let end = Array(repeating: quote, count: isLong ? 3 : 1)
        place += end.count
        var content = [UInt8]()
        while let byte = next {
            if bytes[place...].starts(with: end) {
                place += end.count
                return String(validating: content, as: UTF8.self)
            }
            if byte == 0x0A, !isLong { return nil }
            place += 1
            guard byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") else {
                content.append(byte)
                continue
            }
            guard let escaped = next else { return nil }
            place += 1
            switch escaped {
            case UInt8(ascii: "n"): content.append(0x0A)
            case UInt8(ascii: "t"): content.append(0x09)
            case UInt8(ascii: "r"): content.append(0x0D)
            case UInt8(ascii: "u"), UInt8(ascii: "U"):
                let digits = bytes[place...].prefix(escaped == UInt8(ascii: "u") ? 4 : 8)
                guard let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                    let scalar = Unicode.Scalar(number)
                else { return nil }
                place += digits.count
                content += Array(String(Character(scalar)).utf8)
            default: content.append(escaped)
            }
        }
        return nil
    }
}
