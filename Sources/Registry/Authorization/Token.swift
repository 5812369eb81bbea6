package import Diagnostics
import OCI

/// A token and its lifetime.
struct Token: Hashable, Sendable {
    let value: String
    let lifetime: Duration

    /// Largest answer of a token server, in bytes.
    static let limit = 64 << 10

    /// Tokens are renewed this long before they expire, because requests take time, too.
    static let margin: Duration = .seconds(5)

    /// A token from the user, whose lifetime only the registry knows.
    init(given value: String) {
        Secrets.add(value)
        self.value = value
        lifetime = .seconds(86_400)
    }

    /// Reads a token server's answer.
    ///
    /// - Throws: `registry.token-malformed`.
    init(parsing bytes: [UInt8], from server: String) throws(Diagnostic) {
        let first = bytes.first { $0 != 0x20 && !(0x09...0x0D).contains($0) }
        if first == UInt8(ascii: "<") {
            throw Self.malformed(server, "it answered with a web page: perhaps a login page, or a proxy's")
        }
        // The parser's message would quote keys of the answer.
        guard let answer = (try? JSON(parsing: bytes, named: server))?.objectValue else {
            throw Self.malformed(server, bytes.isEmpty ? "its answer is empty" : "its answer is not a JSON object")
        }
        let token = [answer["token"], answer["access_token"]].lazy.compactMap { $0?.stringValue }.first { !$0.isEmpty }
        guard let token else { throw Self.malformed(server, "there is no token in its answer") }
        guard token.isHeaderToken else {
            throw Self.malformed(server, "its token has a character that tokens cannot have")
        }
        Secrets.add(token)
        value = token
        let written = answer["expires_in"].flatMap { $0.intValue ?? $0.stringValue.flatMap { Int64($0) } }
        // A minute is the default, and clients may treat it as the minimum (distribution, the token specification).
        lifetime = .seconds(min(max(written ?? 60, 60), 86_400))
    }

    static func malformed(_ server: String, _ reason: String) -> Diagnostic {
        Diagnostic(.registryTokenMalformed, "the token server `\(server)` gave no token", because: reason)
    }
}

extension Diagnostic.Code {
    package static let registryTokenMalformed = Self("registry.token-malformed", .network)
}
