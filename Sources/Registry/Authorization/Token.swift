package import Diagnostics
import OCI

/// What a token server gave, and for how long.
struct Token: Hashable, Sendable {
    let value: String
    let lifetime: Duration

    /// In bytes of the answer that it comes in.
    static let limit = 64 << 10

    /// Tokens are refreshed this long before their end, for the way to the registry takes time, too.
    static let margin: Duration = .seconds(5)

    /// A token of the user's, of which only the registry knows how long it is good.
    init(given value: String) {
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
        // The parser says where something is wrong, which helps nobody here, and quotes keys.
        guard let answer = (try? JSON(parsing: bytes, named: server))?.objectValue else {
            throw Self.malformed(server, bytes.isEmpty ? "it answered nothing" : "its answer is no JSON object")
        }
        let token = [answer["token"], answer["access_token"]].lazy.compactMap { $0?.stringValue }.first { !$0.isEmpty }
        guard let token else { throw Self.malformed(server, "there is no token in its answer") }
        guard token.isHeaderToken else {
            throw Self.malformed(server, "its token has a character that no token can have")
        }
        value = token
        let written = answer["expires_in"].flatMap { $0.intValue ?? $0.stringValue.flatMap { Int64($0) } }
        // Without a word it is a minute, and clients may take that for the least (distribution, the token specification).
        lifetime = .seconds(min(max(written ?? 60, 60), 86_400))
    }

    static func malformed(_ server: String, _ reason: String) -> Diagnostic {
        Diagnostic(.registryTokenMalformed, "the token server `\(server)` gave no token", because: reason)
    }
}

extension Diagnostic.Code {
    package static let registryTokenMalformed = Self("registry.token-malformed", .network)
}
