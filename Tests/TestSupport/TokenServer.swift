/// A token server as registries name in their challenges: it signs RS256 tokens for what was asked.
package final class TokenServer: Sendable {
    package static let service = "registry.test"
    package static let issuer = "issuer.test"

    /// What an account's identity token is.
    package static let identityToken = "identity-token-of-me"

    private let server: ScriptedServer

    /// The signer's key and certificate, made once a run, and the certificate's DER in Base64.
    private static let signer = Result { () -> (key: String, certificate: String, text: String) in
        let folder = try Built.emptied("token-signer")
        let script = """
            openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 -subj /CN=tokens \
              2>/dev/null && openssl x509 -in certificate.pem -outform der | base64 -w0
            """
        let text = try Command.shell(script, directory: folder).output()
        return ("\(folder)/key.pem", "\(folder)/certificate.pem", text)
    }

    /// - Parameter allowsAnonymousPull: Whether clients without a credential get a token to pull.
    /// - Parameter lifetime: Lifetime of a token, in seconds.
    package init(allowsAnonymousPull: Bool = false, lifetime: Int = 300) throws {
        let files = try Self.signer.get()
        let signer = TokenSigner(key: files.key, certificate: files.text, lifetime: lifetime)
        certificate = files.certificate
        server = try ScriptedServer { request in
            let form = ReceivedRequest(
                method: "GET",
                target: "/?" + String(decoding: request.body, as: UTF8.self),
                headers: [],
                connection: 0
            )
            let isKnown: Bool
            let asked: ReceivedRequest
            if request.method == "POST" {
                isKnown = form.parameters("refresh_token") == [Self.identityToken]
                asked = form
                guard isKnown else { return .response(401, [], #"{"errors":[{"code":"UNAUTHORIZED"}]}"#) }
            } else {
                asked = request
                isKnown = request["Authorization"] == Self.basic
                guard isKnown || request["Authorization"] == nil else {
                    return .response(401, [], #"{"errors":[{"code":"UNAUTHORIZED","message":"wrong password"}]}"#)
                }
            }
            let scopes = asked.parameters("scope").flatMap { $0.split(separator: " ").map(String.init) }
            let allowed: Set<String>? = isKnown ? nil : allowsAnonymousPull ? ["pull"] : []
            guard let token = try? signer.token(for: scopes, allowed: allowed) else { return .response(500) }
            let name = request.method == "POST" ? "access_token" : "token"
            let body = #"{"\#(name)":"\#(token)","expires_in":\#(lifetime)}"#
            return .response(200, [("Content-Type", "application/json")], body)
        }
    }

    /// The address that the registry's challenge names.
    package var realm: String { "http://\(server.address)/token" }

    /// What was asked.
    package var requests: [ReceivedRequest] { server.requests }

    /// The signer's certificate, a PEM file that the registry trusts.
    let certificate: String

    package func stop() { server.stop() }

    /// The Authorization field of the account that registries here have.
    package static let basic = "Basic " + base64(Array("\(RegistryServer.user):\(RegistryServer.password)".utf8))
}

/// Signs tokens with the `openssl` command.
private struct TokenSigner: Sendable {
    let key: String

    /// DER in Base64.
    let certificate: String
    let lifetime: Int

    /// A token for `scopes`, as `repository:me/app:pull,push`, with only the `allowed` actions, or all.
    func token(for scopes: [String], allowed: Set<String>?) throws -> String {
        let access = scopes.compactMap { scope -> String? in
            let parts = scope.split(separator: ":").map(String.init)
            guard parts.count == 3 else { return nil }
            let actions = parts[2].split(separator: ",").map(String.init).filter { allowed?.contains($0) ?? true }
            let list = actions.map { "\"\($0)\"" }.joined(separator: ",")
            return #"{"type":"\#(parts[0])","name":"\#(parts[1])","actions":[\#(list)]}"#
        }
        let now = try Command("date", ["+%s"]).output().filter(\.isNumber)
        guard let seconds = Int(now) else { throw SupportError("`date` said \(now)") }
        let claims = """
            {"iss":"\(TokenServer.issuer)","sub":"me","aud":"\(TokenServer.service)","exp":\(seconds + lifetime),\
            "nbf":\(seconds - 60),"iat":\(seconds),"jti":"1","access":[\(access.joined(separator: ","))]}
            """
        let header = #"{"typ":"JWT","alg":"RS256","x5c":["\#(certificate)"]}"#
        let signed = [header, claims].map { urlSafe(base64(Array($0.utf8))) }.joined(separator: ".")
        let command = Command("openssl", ["dgst", "-sha256", "-sign", key], input: Array(signed.utf8))
        let outcome = try command.run()
        guard outcome.end == .exited(0) else { throw CommandFailure(command: command, outcome: outcome) }
        return signed + "." + urlSafe(base64(outcome.outputBytes))
    }

    private func urlSafe(_ text: String) -> String {
        String(text.compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
    }
}

/// RFC 4648 § 4, padded.
package func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for index in 0..<4 {
            text.append(index <= group.count ? alphabet[value >> (18 - 6 * index) & 63] : "=")
        }
    }
    return text
}
