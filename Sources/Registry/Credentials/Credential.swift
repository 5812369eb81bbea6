import Diagnostics

/// A credential for a registry. Its text forms do not contain the secrets.
package enum Credential: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    case basic(username: String, password: String)
    /// A token that is exchanged for another one (OAuth 2 `refresh_token`).
    case identityToken(String)
    /// A token that is sent as it is.
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
    /// An empty mirror: `dump` and failing tests would show the secrets.
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }

    /// Has messages that repeat its secret printed without it.
    func strikeOutOfMessages() {
        switch self {
        case .basic(let username, let password): Secrets.add(password, of: username)
        case .identityToken(let token): Secrets.add(token, of: "<token>")
        case .bearer(let token): Secrets.add(token)
        }
    }

    /// Why it cannot be sent; `nil` if it can. A line feed would begin another header field.
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
        if !tokens.allSatisfy(\.isHeaderToken) { return "a token has a character that tokens cannot have" }
        if let username, username.utf8.contains(UInt8(ascii: ":")) { return "the user name contains a colon" }
        return nil
    }
}

extension String {
    /// Whether it can follow `Bearer ` in a header field: visible ASCII, at least one character.
    var isHeaderToken: Bool { !isEmpty && utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}

/// A credential and its source.
package struct FoundCredential: Hashable, Sendable {
    package let credential: Credential
    /// The source for messages: `~/.docker/config.json`, `docker-credential-pass (from ~/.docker/config.json)`.
    package let source: String

    package init(_ credential: Credential, from source: String) {
        credential.strikeOutOfMessages()
        self.credential = credential
        self.source = source
    }
}
