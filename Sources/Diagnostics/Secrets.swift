import Synchronization

/// What a message must not have: the secrets that this process uses, and what stands before the `@` of an address.
///
/// Messages quote what servers answer and what users type, and both may repeat a credential. `Diagnostic` strikes it out of
/// every text that it is given, so that no place where others' words become a message has to think of it.
///
/// A password may be an ordinary word, such as `test`. In what others wrote it is struck out as a whole word; in coracle's
/// own sentences only as the value of a field, or they could not be read.
package enum Secrets {
    /// What stands in the place of a secret.
    static let mark = "***"

    /// Shorter secrets are words that messages have anyway; to strike them out would show where they stand.
    private static let shortest = 4

    /// What is looked for in all texts.
    private struct Known {
        /// All forms in which a secret may be repeated, the longest first, without those of `words`.
        var forms: [String] = []
        /// Secrets that could be ordinary words.
        var words: Set<String> = []
    }

    private static let known = Mutex(Known())

    /// Adds a secret that the process is about to use.
    ///
    /// - Parameter user: its user name, if the two are sent as `USER:SECRET` in Base64.
    package static func add(_ secret: String, of user: String? = nil) {
        guard secret.utf8.count >= shortest else { return }
        var added: Set<String> = isOrdinary(secret) ? [] : [secret]
        for isForm in [false, true] {
            for digits in ["0123456789ABCDEF", "0123456789abcdef"] {
                added.insert(percentEncoded(secret, Array(digits.utf8), isForm: isForm))
            }
        }
        if isOrdinary(secret) { added.remove(secret) }
        for text in [secret, user.map { "\($0):\(secret)" }].compactMap(\.self) {
            for alphabet in [Base64.standard, Base64.urlSafe] { added.insert(Base64.encode(text, alphabet)) }
        }
        known.withLock { known in
            if isOrdinary(secret) { known.words.insert(secret) }
            guard !added.isSubset(of: known.forms) else { return }
            known.forms = Array(added.union(known.forms)).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
        }
    }

    /// Where a text comes from.
    package enum Origin: Hashable, Sendable {
        /// A sentence of coracle's, which may quote others.
        case own
        /// What a server or a proxy wrote.
        case remote
    }

    /// `text` without secrets.
    package static func struck(_ text: String) -> String { struck(text, from: .own) }

    /// `text` without secrets, where it is known who wrote it.
    package static func struck(_ text: String, from origin: Origin) -> String {
        let known = known.withLock { $0 }
        var text = text
        for form in known.forms where text.contains(form) { text = text.replacing(form, with: mark) }
        for word in known.words where text.contains(word) { text = striking(word, in: text, from: origin) }
        return withoutUserInformation(text)
    }

    /// Whether a secret could be a word of any sentence: letters only, or very short.
    private static func isOrdinary(_ secret: String) -> Bool {
        let isAlphanumeric = secret.utf8.allSatisfy { isPartOfWord($0) }
        let isLetters = isAlphanumeric && !secret.utf8.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isAlphanumeric && secret.utf8.count <= (isLetters ? longestOrdinary : 6)
    }

    /// Length of the longest password that is taken for a word, in bytes.
    private static let longestOrdinary = 12

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Strikes out `word` where nothing of a word stands beside it and, in an own sentence, an equals sign before it.
    private static func striking(_ word: String, in text: String, from origin: Origin) -> String {
        var result = ""
        var rest = text[...]
        while let found = rest.firstRange(of: word) {
            let before = text[..<found.lowerBound].utf8.last
            let after = text[found.upperBound...].utf8.first
            let isWhole = !(before.map(isPartOfWord) ?? false) && !(after.map(isPartOfWord) ?? false)
            result += rest[..<found.lowerBound]
            result += isWhole && (origin == .remote || before == UInt8(ascii: "=")) ? mark : word
            rest = rest[found.upperBound...]
        }
        return result + rest
    }

    /// Percent-encodes what is neither a letter, a digit nor one of `-._~` (RFC 3986 § 2.3); for a form, a space is `+`.
    private static func percentEncoded(_ text: String, _ digits: [UInt8], isForm: Bool) -> String {
        var bytes = [UInt8]()
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: " ") where isForm: bytes.append(UInt8(ascii: "+"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

// MARK: - What stands before an `@`

extension Secrets {
    /// `text` without the user's part of what looks like an address or a reference.
    private static func withoutUserInformation(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
        var result = ""
        var word = ""
        for character in text {
            if character.isWhitespace || "`\"<>".contains(character) {
                result += withoutUser(word)
                result.append(character)
                word = ""
            } else {
                word.append(character)
            }
        }
        return result + withoutUser(word)
    }

    private static func withoutUser(_ word: String) -> String {
        guard word.contains("@") else { return word }
        if let scheme = word.firstRange(of: "://") {
            let rest = word[scheme.upperBound...]
            guard let at = endOfUser(inAddress: rest) else { return word }
            return word[..<scheme.upperBound] + mark + rest[at...]
        }
        guard let at = endOfUser(inReference: word) else { return word }
        // An option before it is not part of it.
        let start = word.hasPrefix("-") ? word.firstIndex(of: "=").map { word.index(after: $0) } : nil
        return word[..<(start ?? word.startIndex)] + mark + word[at...]
    }

    /// The `@` before the host of what follows `://`.
    private static func endOfUser(inAddress rest: Substring) -> String.Index? {
        let authority = rest.prefix { !"/?#".contains($0) }
        if let at = authority.lastIndex(of: "@") { return at }
        // A password with a slash in it: what looks like a port is not a number.
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].dropFirst().allSatisfy(\.isNumber) else {
            return nil
        }
        return rest.lastIndex(of: "@")
    }

    /// The `@` behind `USER:PASSWORD`; `nil` for what has a digest there, a tag or a port before it, or no password.
    private static func endOfUser(inReference word: String) -> String.Index? {
        guard let colon = word.firstIndex(of: ":"), !word[..<colon].contains("/") else { return nil }
        let port = word[colon...].dropFirst().prefix { $0.isNumber }
        guard port.isEmpty || !word[port.endIndex...].hasPrefix("/") else { return nil }
        return word.indices.last { index in
            guard word[index] == "@", index > colon else { return false }
            let host = word[index...].dropFirst()
            return !host.isEmpty && !(host.hasPrefix("sha") && host.dropFirst(3).prefix { $0.isNumber }.count == 3)
        }
    }
}

/// RFC 4648, without padding: what follows a secret in Base64 may or may not have it.
private enum Base64 {
    static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    static let urlSafe = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ text: String, _ alphabet: [UInt8]) -> String {
        var encoded = [UInt8]()
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for byte in text.utf8 {
            bits = (bits << 8 | UInt32(byte)) & 0xFFFF
            count += 8
            while count >= 6 {
                count -= 6
                encoded.append(alphabet[Int(bits >> count & 63)])
            }
        }
        if count > 0 { encoded.append(alphabet[Int(bits << (6 - count) & 63)]) }
        return String(decoding: encoded, as: UTF8.self)
    }
}
