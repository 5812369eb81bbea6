/// What a pattern is made of.
enum IgnoreToken: Hashable, Sendable {
    case character(IgnoreCharacter)
    /// `?`: one character that is not a slash.
    case any
    /// `[a-z]`, `[^a-z]`: one character in, or not in, one of the ranges of character values. A slash may be.
    case set([ClosedRange<UInt32>], isNegated: Bool)
    /// `*`: characters that are not slashes, and none. Never before one of the next two, as `***` is `**` and `*`.
    case star
    /// `**/`: directories, each with its slash, and none.
    case directories
    /// `**` at the end: anything.
    case everything

    /// The tokens of `text`, in which escapes are resolved and repeated `**/` are one.
    static func tokens(of text: ArraySlice<UInt8>) throws(IgnorePattern.Malformed) -> [IgnoreToken] {
        var reader = Reader(rest: text)
        var tokens = [IgnoreToken]()
        while let token = try reader.next() {
            if token == .directories, tokens.last == .directories { continue }
            tokens.append(token)
        }
        return tokens
    }

    /// Whether a name's character with this value ends the token.
    func accepts(_ value: UInt32) -> Bool {
        switch self {
        case .character(let character): character.value == value
        case .any: value != IgnoreCharacter.slash
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(value) } != isNegated
        case .directories: value == IgnoreCharacter.slash
        case .star, .everything: false
        }
    }
}

/// A character of a name, or a byte that is part of no character.
struct IgnoreCharacter: Hashable, Sendable {
    /// The Unicode scalar's value, or for a byte that is not UTF-8 the byte's above all of those.
    let value: UInt32
    /// In bytes, 1 to 4.
    let length: Int
    /// As in the name.
    var bytes: [UInt8] {
        guard let scalar = Unicode.Scalar(value) else { return [UInt8(truncatingIfNeeded: value)] }
        return Array(String(scalar).utf8)
    }

    static let slash = UInt32(UInt8(ascii: "/"))
    private static let firstByte: UInt32 = 0x11_0000

    var isByte: Bool { value >= Self.firstByte }

    /// The one at the front of `bytes`, which are not empty.
    init<Bytes: Collection<UInt8>>(atFrontOf bytes: Bytes) {
        var front: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
        var iterator = bytes.makeIterator()
        front.0 = iterator.next() ?? 0
        guard front.0 >= 0x80 else {
            value = UInt32(front.0)
            length = 1
            return
        }
        // A zero that stands for a byte that is not there is no continuation byte either.
        front.1 = iterator.next() ?? 0
        front.2 = iterator.next() ?? 0
        front.3 = iterator.next() ?? 0
        let decoded = Self.decoded(front)
        value = decoded?.value ?? Self.firstByte + UInt32(front.0)
        length = decoded?.length ?? 1
    }

    /// RFC 3629 § 4; `nil` if the bytes are not UTF-8.
    private static func decoded(_ bytes: (UInt8, UInt8, UInt8, UInt8)) -> (value: UInt32, length: Int)? {
        func continued(_ byte: UInt8) -> UInt32? { byte & 0xC0 == 0x80 ? UInt32(byte & 0x3F) : nil }
        guard let second = continued(bytes.1) else { return nil }
        let lead = UInt32(bytes.0)
        switch bytes.0 {
        case 0xC2...0xDF:
            return ((lead & 0x1F) << 6 | second, 2)
        case 0xE0...0xEF:
            guard let third = continued(bytes.2) else { return nil }
            let value = (lead & 0x0F) << 12 | second << 6 | third
            return value >= 0x800 && !(0xD800...0xDFFF).contains(value) ? (value, 3) : nil
        case 0xF0...0xF4:
            guard let third = continued(bytes.2), let fourth = continued(bytes.3) else { return nil }
            let value = (lead & 0x07) << 18 | second << 12 | third << 6 | fourth
            return (0x1_0000...0x10_FFFF).contains(value) ? (value, 4) : nil
        default:
            return nil
        }
    }
}

extension IgnoreToken {
    /// A pattern being read.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func next() throws(IgnorePattern.Malformed) -> IgnoreToken? {
            guard let first = rest.first else { return nil }
            switch first {
            case UInt8(ascii: "*"):
                rest = rest.dropFirst()
                guard skip("*") else { return .star }
                _ = skip("/")
                return rest.isEmpty ? .everything : .directories
            case UInt8(ascii: "?"):
                rest = rest.dropFirst()
                return .any
            case UInt8(ascii: "["):
                rest = rest.dropFirst()
                return try set()
            case UInt8(ascii: "\\"):
                rest = rest.dropFirst()
                guard !rest.isEmpty else { throw IgnorePattern.Malformed("it ends in `\\`") }
                return .character(character())
            default:
                return .character(character())
            }
        }

        /// What is between `[` and `]`.
        private mutating func set() throws(IgnorePattern.Malformed) -> IgnoreToken {
            let isNegated = skip("^")
            var ranges = [ClosedRange<UInt32>]()
            while ranges.isEmpty || !skip("]") {
                let low = try setMember()
                let high = skip("-") ? try setMember() : low
                guard low <= high else { throw IgnorePattern.Malformed("a range in `[…]` is reversed") }
                ranges.append(low...high)
            }
            return .set(ranges, isNegated: isNegated)
        }

        private mutating func setMember() throws(IgnorePattern.Malformed) -> UInt32 {
            if rest.first == UInt8(ascii: "]") { throw IgnorePattern.Malformed("a `[…]` or a range in it is empty") }
            if rest.first == UInt8(ascii: "-") { throw IgnorePattern.Malformed("a range in `[…]` has no beginning") }
            _ = skip("\\")
            guard !rest.isEmpty else { throw IgnorePattern.Malformed("a `[` has no `]`") }
            let member = character()
            guard !member.isByte else { throw IgnorePattern.Malformed("what is in `[…]` is not UTF-8") }
            return member.value
        }

        private mutating func character() -> IgnoreCharacter {
            let character = IgnoreCharacter(atFrontOf: rest)
            rest = rest.dropFirst(character.length)
            return character
        }

        private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: scalar) else { return false }
            rest = rest.dropFirst()
            return true
        }
    }
}
