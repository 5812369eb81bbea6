import Diagnostics
import OCI

extension CredentialFile {
    /// The credential of one entry of `auths`; `nil` if it is empty, as helpers leave it.
    func credential(in entry: JSON, at key: String) throws(Diagnostic) -> Credential? {
        guard entry != .null else { return nil }
        guard let entry = entry.objectValue else { throw malformed(key, "expected a JSON object") }
        let credential: Credential
        if let token = try text("registrytoken", in: entry, at: key) {
            credential = .bearer(token)
        } else if let token = try text("identitytoken", in: entry, at: key) {
            credential = .identityToken(token)
        } else if let encoded = try text("auth", in: entry, at: key) {
            credential = try basic(encoded, at: "\(key).auth")
        } else if let username = try text("username", in: entry, at: key) {
            guard let password = try text("password", in: entry, at: key) else {
                throw malformed(key, "it has a user name and no password")
            }
            credential = .basic(username: username, password: password)
        } else {
            return nil
        }
        if let defect = credential.defect { throw malformed(key, defect) }
        return credential
    }

    /// The credential that `auth` encodes: `USER:PASSWORD`, cut at the first colon.
    private func basic(_ encoded: String, at key: String) throws(Diagnostic) -> Credential {
        guard let decoded = Base64Text.decode(encoded) else { throw malformed(key, "expected base64") }
        // Docker pads with NUL, and a shell's `echo` adds a line feed.
        var bytes = decoded[...]
        while let last = bytes.last, last == 0 || last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw malformed(key, "the decoded text is not UTF-8")
        }
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
            throw malformed(key, "the decoded text is not `USER:PASSWORD`")
        }
        return .basic(username: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
    }

    /// A member's text; `nil` if it is absent, null or empty.
    private func text(_ name: String, in entry: JSONObject, at key: String) throws(Diagnostic) -> String? {
        guard let value = entry[name], value != .null else { return nil }
        guard let text = value.stringValue else { throw malformed("\(key).\(name)", "expected a string") }
        return text.isEmpty ? nil : text
    }
}
