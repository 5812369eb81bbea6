/// What proves to a registry who asks. Its text forms say nothing of the secrets.
package enum Credential: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    case basic(username: String, password: String)
    /// Exchanged for a token (OAuth 2 `refresh_token`).
    case identityToken(String)
    /// Sent as it is.
    case bearer(String)

    package var username: String? {
        if case .basic(let username, _) = self { username } else { nil }
    }

    package var description: String {
        switch self {
        case .basic(let username, _): "user `\(username)`"
        case .identityToken: "an identity token"
        case .bearer: "a token"
        }
    }

    package var debugDescription: String { description }
    /// Nothing: `dump` and failing tests would show the secrets.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }

    /// Why it cannot be sent; nil if it can. A line feed in a header field would begin another one.
    var defect: String? {
        let (texts, tokens): ([String], [String]) =
            switch self {
            case .basic(let username, let password): ([username, password], [])
            case .identityToken(let token): ([token], [])
            case .bearer(let token): ([], [token])
            }
        if texts.contains(where: { $0.utf8.contains { $0 < 0x20 || $0 == 0x7F } }) {
            return "it has a control character, such as a line feed"
        }
        if !tokens.allSatisfy(\.isHeaderToken) { return "a token has a character that no token can have" }
        if let username, username.utf8.contains(UInt8(ascii: ":")) { return "the user's name has a colon" }
        return nil
    }
}

extension String {
    /// Whether it can stand behind `Bearer ` in a header field: visible ASCII, and not nothing.
    var isHeaderToken: Bool { !isEmpty && utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}

/// A credential, and who it came from.
package struct FoundCredential: Hashable, Sendable {
    package let credential: Credential
    /// For messages: `~/.docker/config.json`, `docker-credential-pass (from ~/.docker/config.json)`.
    package let source: String

    package init(_ credential: Credential, from source: String) {
        self.credential = credential
        self.source = source
    }
}
