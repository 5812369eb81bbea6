package import Diagnostics

extension JSON {
    /// Parses a document, strictly: two readers must not find two meanings in it.
    ///
    /// `name` is what messages call the document.
    /// - Throws: `json.malformed` with line and column, for what RFC 8259 does not allow and also for a byte order mark,
    ///   invalid UTF-8, keys that are twice in one object (readers differ in which one they take),
    ///   lone surrogates, NUL, text behind the value, and more than 100 levels.
    package init(parsing bytes: [UInt8], named name: String) throws(Diagnostic) {
        try self.init(parsing: bytes, named: name, keeping: nil)
    }

    /// Parses a document of which only some members are kept: of one too large to be kept whole. What is not kept is only
    /// passed over, as far as its brackets, quotes and commas go.
    ///
    /// - Parameter members: keys of the outermost object whose values are kept; `nil` for all.
    /// - Throws: `json.malformed`.
    package init(parsing bytes: [UInt8], named name: String, keeping members: Set<String>?) throws(Diagnostic) {
        do throws(JSONProblem) {
            self = try bytes.withUnsafeBufferPointer { buffer throws(JSONProblem) in
                var parser = JSONParser(buffer, keeping: members)
                return try parser.document()
            }
        } catch {
            throw error.diagnostic(in: bytes, named: name)
        }
    }
}

private struct JSONProblem: Error {
    let offset: Int
    let reason: String

    /// Lines and columns are counted from 1, columns in bytes.
    func diagnostic(in bytes: [UInt8], named name: String) -> Diagnostic {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
        return Diagnostic(
            .jsonMalformed,
            "`\(name)` is not the JSON that it should be",
            at: .file(path: name, line: line),
            because: "line \(line), column \(column): \(reason)"
        )
    }
}

private struct JSONParser {
    private static let deepest = 100

    private let bytes: UnsafeBufferPointer<UInt8>
    /// Keys of the outermost object; `nil` for all.
    private let kept: Set<String>?
    private var position = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, keeping kept: Set<String>?) {
        self.bytes = bytes
        self.kept = kept
    }

    mutating func document() throws(JSONProblem) -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw problem("it begins with a byte order mark") }
        // UTF-16 begins with a mark of its own, or has a NUL in its first character, which is ASCII.
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) || bytes.prefix(2).contains(0) {
            throw problem("it is not UTF-8 but looks like UTF-16")
        }
        skipSpace()
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw problem("there is text behind the value") }
        return value
    }

    private func problem(_ reason: String) -> JSONProblem { JSONProblem(offset: position, reason: reason) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value() throws(JSONProblem) -> JSON {
        switch next {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw problem("the document ends too early")
        case .some(let byte):
            guard byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) else {
                throw problem("no value begins like this")
            }
            return try number()
        }
    }

    private mutating func word(_ text: String, _ value: JSON) throws(JSONProblem) -> JSON {
        guard bytes[position...].starts(with: text.utf8) else { throw problem("no value begins like this") }
        position += text.utf8.count
        return value
    }

    private mutating func digits() throws(JSONProblem) {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw problem("a number lacks a digit") }
    }

    private mutating func number() throws(JSONProblem) -> JSON {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        if let byte = next, (0x30...0x39).contains(byte) { throw problem("a number begins with a needless zero") }
        return .number(String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self))
    }

    private mutating func enter() throws(JSONProblem) {
        depth += 1
        position += 1
        guard depth <= Self.deepest else { throw problem("more than \(Self.deepest) levels are nested") }
        skipSpace()
    }

    /// Takes the end of an array or object that has nothing in it; false if it has.
    private mutating func closes(with close: UInt8) throws(JSONProblem) -> Bool {
        guard next == close else { return false }
        return try ends(with: close)
    }

    /// Takes the comma, or the end; true at the end.
    private mutating func ends(with close: UInt8) throws(JSONProblem) -> Bool {
        skipSpace()
        if next == close {
            position += 1
            depth -= 1
            return true
        }
        guard next == UInt8(ascii: ",") else { throw problem("a comma or `\(Unicode.Scalar(close))` is missing") }
        position += 1
        skipSpace()
        return false
    }

    private mutating func array() throws(JSONProblem) -> [JSON] {
        try enter()
        var elements = [JSON]()
        if try closes(with: UInt8(ascii: "]")) { return elements }
        repeat { elements.append(try value()) } while try !ends(with: UInt8(ascii: "]"))
        return elements
    }

    private mutating func object() throws(JSONProblem) -> JSONObject {
        try enter()
        var members = [(key: String, value: JSON)]()
        var keys = Set<String>()
        if try closes(with: UInt8(ascii: "}")) { return JSONObject() }
        repeat {
            guard next == UInt8(ascii: "\"") else { throw problem("a key is missing") }
            let start = position
            let key = try string()
            guard keys.insert(key).inserted else {
                throw JSONProblem(offset: start, reason: Self.reason(against: key, in: members))
            }
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw problem("a colon is missing") }
            position += 1
            skipSpace()
            if depth == 1, let kept, !kept.contains(key) {
                try skipValue()
            } else {
                members.append((key, try value()))
            }
        } while try !ends(with: UInt8(ascii: "}"))
        return JSONObject(unchecked: members)
    }

    /// Passes over a value without making it.
    private mutating func skipValue() throws(JSONProblem) {
        switch next {
        case UInt8(ascii: "{"):
            try enter()
            if try closes(with: UInt8(ascii: "}")) { return }
            repeat {
                guard next == UInt8(ascii: "\"") else { throw problem("a key is missing") }
                try skipString()
                skipSpace()
                guard next == UInt8(ascii: ":") else { throw problem("a colon is missing") }
                position += 1
                skipSpace()
                try skipValue()
            } while try !ends(with: UInt8(ascii: "}"))
        case UInt8(ascii: "["):
            try enter()
            if try closes(with: UInt8(ascii: "]")) { return }
            repeat { try skipValue() } while try !ends(with: UInt8(ascii: "]"))
        case UInt8(ascii: "\""): try skipString()
        default: _ = try value()
        }
    }

    private mutating func skipString() throws(JSONProblem) {
        position += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): position += 2
            case 0..<0x20: throw problem("a control character is not escaped")
            default: position += 1
            }
        }
        throw problem("a string does not end")
    }

    private static func reason(against key: String, in members: [(key: String, value: JSON)]) -> String {
        if members.contains(where: { $0.key.utf8.elementsEqual(key.utf8) }) {
            return "the key `\(key.excerpt)` is there twice"
        }
        return "the key `\(key.excerpt)` is there twice, in two encodings of the same characters"
    }

    private mutating func string() throws(JSONProblem) -> String {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        if next == UInt8(ascii: "\"") {
            let text = try text(UnsafeBufferPointer(rebasing: bytes[start..<position]), from: start)
            position += 1
            return text
        }
        // The slow way, for the few strings with escapes.
        var unescaped = Array(bytes[start..<position])
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                let text = try text(unescaped, from: start)
                position += 1
                return text
            case UInt8(ascii: "\\"): unescaped += try escape()
            case 0..<0x20: throw problem("a control character is not escaped")
            default:
                unescaped.append(byte)
                position += 1
            }
        }
        throw problem("a string does not end")
    }

    /// The string made of `bytes`, whose source begins at `start` and ends here.
    private func text(_ bytes: some Collection<UInt8>, from start: Int) throws(JSONProblem) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSONProblem(offset: firstInvalidByte(from: start), reason: "a string is not UTF-8")
        }
        return text
    }

    private func firstInvalidByte(from start: Int) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var source = bytes[start..<position].makeIterator()
        var offset = start
        while case .valid(let scalar) = parser.parseScalar(from: &source) { offset += scalar.count }
        return offset
    }

    private mutating func escape() throws(JSONProblem) -> [UInt8] {
        position += 1
        guard let byte = next else { throw problem("a string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
        default: throw problem("there is no such escape")
        }
    }

    private mutating func scalar() throws(JSONProblem) -> Unicode.Scalar {
        let first = try unit()
        if (0xD800..<0xDC00).contains(first), next == UInt8(ascii: "\\") {
            position += 1
            guard next == UInt8(ascii: "u") else { throw problem("half a surrogate pair") }
            position += 1
            let second = try unit()
            guard (0xDC00..<0xE000).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            else { throw problem("half a surrogate pair") }
            return scalar
        }
        guard let scalar = Unicode.Scalar(first) else { throw problem("half a surrogate pair") }
        guard first != 0 else { throw problem("a string contains NUL") }
        return scalar
    }

    private mutating func unit() throws(JSONProblem) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch next {
            case let byte? where (0x30...0x39).contains(byte): digit = byte - 0x30
            case let byte? where (0x41...0x46).contains(byte): digit = byte - 0x37
            case let byte? where (0x61...0x66).contains(byte): digit = byte - 0x57
            default: throw problem("four hexadecimal digits are missing")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}

extension Diagnostic.Code {
    package static let jsonMalformed = Self("json.malformed", .verification)
}
