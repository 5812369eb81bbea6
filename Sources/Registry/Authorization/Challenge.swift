/// One authentication scheme that a server offers in `WWW-Authenticate` (RFC 9110 § 11.6.1).
struct Challenge: Hashable, Sendable {
    /// The scheme in lower case: `bearer`, `basic`.
    let scheme: String
    /// Values by names in lower case. If a name occurs twice, the first counts.
    var parameters: [String: String] = [:]

    init(_ scheme: String, _ parameters: [String: String] = [:]) {
        self.scheme = scheme
        self.parameters = parameters
    }

    /// All challenges of all fields, in their order. Malformed ones are ignored.
    static func parse(_ fields: [String]) -> [Challenge] {
        fields.flatMap { field in
            var parser = ChallengeParser(field)
            return parser.challenges()
        }
    }
}

/// Several challenges can stand in one field, with the same comma between them as between the parameters of one: only the
/// `=` behind a word distinguishes them.
private struct ChallengeParser {
    /// Largest number of challenges; no server offers as many.
    private static let limit = 32

    private let bytes: [UInt8]
    private var position = 0

    init(_ field: String) { bytes = Array(field.utf8) }

    mutating func challenges() -> [Challenge] {
        var challenges = [Challenge]()
        while position < bytes.count, challenges.count < Self.limit {
            skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
            let word = take(Self.isTokenByte)
            guard !word.isEmpty else {
                skipJunk()
                continue
            }
            if let last = challenges.indices.last, let value = parameterValue() {
                let name = word.lowercased()
                if challenges[last].parameters[name] == nil { challenges[last].parameters[name] = value }
            } else {
                challenges.append(Challenge(word.lowercased()))
                skipToken68()
            }
        }
        return challenges
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip(_ predicate: (UInt8) -> Bool) {
        while let byte = next, predicate(byte) { position += 1 }
    }

    private mutating func take(_ predicate: (UInt8) -> Bool) -> String {
        let start = position
        skip(predicate)
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipJunk() {
        if next == UInt8(ascii: "\"") { _ = quoted() } else { position += 1 }
    }

    /// The value behind `=`; `nil`, without reading anything, if no `=` is next.
    private mutating func parameterValue() -> String? {
        let start = position
        skip(Self.isSpace)
        guard next == UInt8(ascii: "=") else {
            position = start
            return nil
        }
        position += 1
        skip(Self.isSpace)
        if next == UInt8(ascii: "\"") { return quoted() }
        return take { $0 != UInt8(ascii: ",") && !Self.isSpace($0) }
    }

    /// A quoted string, whose closing quote may be missing.
    private mutating func quoted() -> String {
        var text = [UInt8]()
        position += 1
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\"), let escaped = next {
                position += 1
                text.append(escaped)
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Skips the single value that `Negotiate` and similar schemes have instead of parameters.
    private mutating func skipToken68() {
        let start = position
        skip(Self.isSpace)
        skip { Self.isTokenByte($0) || $0 == UInt8(ascii: "/") }
        skip { $0 == UInt8(ascii: "=") }
        skip(Self.isSpace)
        if let byte = next, byte != UInt8(ascii: ",") { position = start }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// RFC 9110 § 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
