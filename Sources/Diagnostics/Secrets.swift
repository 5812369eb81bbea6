import Synchronization

/// What a message must not have: the secrets that this process uses, and what stands before the `@` of an address.
///
/// Messages quote what servers answer and what users type, and both may repeat a credential. `Diagnostic` strikes it out of
/// every text that it is given, so that no place where foreign words become a message has to think of it.
package enum Secrets {
    /// What stands in the place of a secret.
    static let mark = "***"

    /// Shorter secrets are words that messages have anyway; to strike them out would show where they stand.
    private static let shortest = 4

    /// All forms in which a secret may be repeated, the longest first.
    private static let forms = Mutex<[String]>([])

    /// Adds a secret that the process is about to use.
    ///
    /// - Parameter user: its user name, if the two are sent as `USER:SECRET` in Base64.
    package static func add(_ secret: String, of user: String? = nil) {
        guard secret.utf8.count >= shortest else { return }
        var added: Set<String> = [secret]
        for isForm in [false, true] {
            for digits in ["0123456789ABCDEF", "0123456789abcdef"] {
                added.insert(percentEncoded(secret, Array(digits.utf8), isForm: isForm))
            }
        }
        for text in [secret, user.map { "\($0):\(secret)" }].compactMap(\.self) {
            for alphabet in [Base64.standard, Base64.urlSafe] { added.insert(Base64.encode(text, alphabet)) }
        }
        forms.withLock { forms in
            guard !added.isSubset(of: forms) else { return }
            forms = Array(added.union(forms)).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
        }
    }

    /// `text` without secrets.
    package static func struck(_ text: String) -> String {
        let forms = forms.withLock { $0 }
        var text = text
        for form in forms where text.contains(form) { text = text.replacing(form, with: mark) }
        return withoutUserInformation(text)
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
