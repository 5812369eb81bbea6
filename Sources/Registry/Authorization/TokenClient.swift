package import Diagnostics
import OCI
import HTTP

/// Asks token servers for tokens.
struct TokenClient: Sendable {
    /// The token to ask for, and the credential to ask with.
    struct Wish: Sendable {
        let realm: TokenRealm
        let scope: TokenScope
        /// `nil` for anonymous access.
        let credential: Credential?
    }

    /// A token server's answer to a wish.
    enum Answer: Sendable {
        case token(Token)
        /// Status 401 or 403: the credential is wrong, or one is required.
        case refused(status: Int)
    }

    /// Another origin has no right to the credential, and without it the question makes no sense.
    private static let redirects = Redirects(limit: 3, to: .sameOrigin)

    let transport: any HTTPTransport
    let retrying: Retrying
    let userAgent: String

    /// - Throws: `registry.token-malformed`, `registry.token-unavailable`.
    func token(for wish: Wish) async throws(Diagnostic) -> Answer {
        if case .identityToken(let secret) = wish.credential {
            let response = try await send(Self.exchange(secret, for: wish, userAgent))
            if !Quirks.knowsNoOAuth(status: response.status) { return try Self.answer(response, from: wish.realm) }
        }
        return try Self.answer(try await send(Self.question(for: wish, userAgent)), from: wish.realm)
    }

    private struct Response {
        let status: Int
        /// `nil` if it is too long.
        let body: [UInt8]?
    }

    private static func answer(_ response: Response, from realm: TokenRealm) throws(Diagnostic) -> Answer {
        let host = realm.url.origin.host
        switch response.status {
        case 200..<300:
            guard let body = response.body else {
                throw Token.malformed(host, "its answer has more than \(Token.limit) bytes")
            }
            return .token(try Token(parsing: body, from: host))
        case 401, 403: return .refused(status: response.status)
        default: throw Token.malformed(host, "it answered with status \(response.status)")
        }
    }

    // MARK: Requests

    private static func headers(_ userAgent: String) -> HTTPHeaders {
        ["Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": userAgent]
    }

    private static func question(for wish: Wish, _ userAgent: String) -> HTTPRequest {
        var parameters = wish.realm.service.map { [(name: "service", value: $0)] } ?? []
        parameters += wish.scope.texts.map { (name: "scope", value: $0) }
        var headers = headers(userAgent)
        switch wish.credential {
        case .basic: headers["Authorization"] = wish.credential?.basicAuthorization
        case .identityToken(let secret):
            headers["Authorization"] = Credential.basic(username: "<token>", password: secret).basicAuthorization
        case .bearer, nil: break
        }
        return HTTPRequest(.get, wish.realm.url.appending(query: parameters), headers: headers)
    }

    /// RFC 6749 § 6.
    private static func exchange(_ secret: String, for wish: Wish, _ userAgent: String) -> HTTPRequest {
        let form = HTTPURL.query([
            ("grant_type", "refresh_token"), ("client_id", "coracle"), ("service", wish.realm.service ?? ""),
            ("scope", wish.scope.texts.joined(separator: " ")), ("refresh_token", secret),
        ])
        var headers = headers(userAgent)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return HTTPRequest(.post, wish.realm.url, headers: headers, body: .bytes(Array(form.utf8)))
    }

    // MARK: Sending

    /// The answer to `request`, whatever its status, unless another try may change it.
    private func send(_ request: HTTPRequest) async throws(Diagnostic) -> Response {
        try await retrying.run(at: request.url.origin.place) { await attempt(request) }
    }

    private func attempt(_ request: HTTPRequest) async -> Attempt<Response, Diagnostic> {
        let host = request.url.origin.host
        let answer: Redirects.Answer
        do throws(Redirects.Failure) {
            answer = try await Self.redirects.send(request, through: transport)
        } catch {
            return Self.problem(error, host)
        }
        let response: Response
        do throws(HTTPFailure) {
            response = Response(
                status: answer.response.status,
                body: try await answer.response.body.collect(limit: Token.limit)
            )
        } catch {
            return Self.problem(.transport(error), host)
        }
        guard retrying.policy.statuses.contains(response.status) else { return .done(response) }
        return .again(
            Self.unavailable(host, "it answered with status \(response.status)"),
            after: RetryAfter.delay(in: answer.response.headers)
        )
    }

    private static func problem(_ failure: Redirects.Failure, _ host: String) -> Attempt<Response, Diagnostic> {
        switch failure {
        case .transport(let failure):
            let problem = unavailable(host, failure.reason, hint: failure.hint)
            return failure.isTransient ? .again(problem) : .failed(problem)
        case .refused(let problem): return .failed(Token.malformed(host, "its redirect is refused: \(problem.summary)"))
        case .tooMany: return .failed(Token.malformed(host, "it redirects more than \(redirects.limit) times"))
        case .otherOrigin(let url):
            return .failed(
                Diagnostic(
                    .registryRealmRefused,
                    "the token server `\(host)` redirects to `\(url.origin.host)`, which is not followed",
                    because: "a credential is not sent to another server"
                )
            )
        }
    }

    private static func unavailable(_ host: String, _ reason: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(.registryTokenUnavailable, "cannot get a token from `\(host)`", because: reason, hint: hint)
    }
}

extension Credential {
    /// The value of `Authorization` (RFC 7617); `nil` if it is not a user name and a password.
    var basicAuthorization: String? {
        guard case .basic(let username, let password) = self else { return nil }
        return "Basic " + Base64Text.encode(Array("\(username):\(password)".utf8))
    }
}

extension Diagnostic.Code {
    package static let registryTokenUnavailable = Self("registry.token-unavailable", .network)
}
