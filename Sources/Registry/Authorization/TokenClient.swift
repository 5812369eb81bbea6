package import Diagnostics
import HTTP

/// Asks token servers for tokens.
struct TokenClient: Sendable {
    /// Which token, and for whom.
    struct Wish: Sendable {
        let realm: TokenRealm
        let scope: TokenScope
        /// Nil for anonymous access.
        let credential: Credential?
    }

    /// What a token server says to a wish.
    enum Answer: Sendable {
        case token(Token)
        /// 401 or 403: the credential is wrong, or none will not do.
        case refused(status: Int)
    }

    private static let redirects = 3

    let transport: any HTTPTransport
    let retry: RetryPolicy
    let userAgent: String

    /// - Throws: `registry.token-malformed`, `registry.token-unavailable`.
    func token(for wish: Wish) async throws(Diagnostic) -> Answer {
        if case .identityToken(let secret) = wish.credential {
            let response = try await send(Self.exchange(secret, for: wish, userAgent))
            // Not every token server speaks OAuth 2; most that do not know what a password is.
            if ![400, 404, 405].contains(response.status) { return try Self.answer(response, from: wish.realm) }
        }
        return try Self.answer(try await send(Self.question(for: wish, userAgent)), from: wish.realm)
    }

    private struct Response {
        let status: Int
        let headers: HTTPHeaders
        /// Nil if it is too long.
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
        let parameters = [
            ("grant_type", "refresh_token"), ("client_id", "coracle"), ("service", wish.realm.service ?? ""),
            ("scope", wish.scope.texts.joined(separator: " ")), ("refresh_token", secret),
        ]
        let form = parameters.map { "\($0)=\(HTTPURL.percentEncoded($1))" }.joined(separator: "&")
        var headers = headers(userAgent)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return HTTPRequest(.post, wish.realm.url, headers: headers, body: .bytes(Array(form.utf8)))
    }

    // MARK: Sending

    /// The answer to `request`, with redirects followed, after as many tries as it takes.
    private func send(_ request: HTTPRequest) async throws(Diagnostic) -> Response {
        let host = request.url.origin.host
        var delay = retry.firstDelay
        var attempt = 1
        while true {
            var wait: Duration?
            let reason: String
            var hint: String?
            var mayPass = true
            switch await attemptOnce(request) {
            case .success(.success(let response)):
                guard [408, 429, 500, 502, 503, 504].contains(response.status) else { return response }
                reason = "it answered with status \(response.status)"
                // The server's own clock tells how far away a date is.
                let now = response.headers["Date"].flatMap { HTTPDate.seconds(of: $0) }
                switch response.headers["Retry-After"].flatMap({ RetryAfter($0) }) {
                case .seconds(let seconds): wait = .seconds(seconds)
                case .date(let date): wait = now.map { RetryAfter.date(date).delay(now: $0) }
                case nil: break
                }
            case .success(.failure(let failure)):
                reason = failure.reason
                hint = failure.hint
                mayPass = failure.isTransient
            case .failure(let problem): throw problem
            }
            guard mayPass, attempt < retry.attempts else {
                throw Diagnostic(
                    .registryTokenUnavailable,
                    "cannot get a token from `\(host)`",
                    because: attempt > 1 ? "\(reason); tried \(attempt) times" : reason,
                    hint: hint
                )
            }
            let pause = min(wait ?? delay * Double.random(in: 0.5...1), retry.longestDelay)
            do { try await Task.sleep(for: pause) } catch {
                throw Diagnostic(
                    .registryTokenUnavailable,
                    "cannot get a token from `\(host)`",
                    because: "it was stopped"
                )
            }
            delay = min(delay * 2, retry.longestDelay)
            attempt += 1
        }
    }

    /// One try. Redirects are followed within one origin: another has no right to the credential, and without it the
    /// question makes no sense.
    private func attemptOnce(_ request: HTTPRequest) async -> Result<Result<Response, HTTPFailure>, Diagnostic> {
        var request = request
        for _ in 0...Self.redirects {
            let response: Response
            do throws(HTTPFailure) {
                let answer = try await transport.send(request)
                response = Response(
                    status: answer.status,
                    headers: answer.headers,
                    body: try await answer.body.collect(limit: Token.limit)
                )
            } catch {
                return .success(.failure(error))
            }
            let keepsMethod = response.status == 307 || response.status == 308
            guard keepsMethod || (301...303).contains(response.status) else { return .success(.success(response)) }
            do throws(Diagnostic) {
                request.url = try Self.target(of: response, to: request, keepsMethod)
            } catch {
                return .failure(error)
            }
        }
        return .failure(Token.malformed(request.url.origin.host, "it redirects again and again"))
    }

    private static func target(
        of response: Response,
        to request: HTTPRequest,
        _ keepsMethod: Bool
    ) throws(Diagnostic) -> HTTPURL {
        let host = request.url.origin.host
        guard let location = response.headers["Location"] else {
            throw Token.malformed(host, "it answered with status \(response.status) and says not where to go")
        }
        // A form that is not sent again would be a question without the identity token.
        guard keepsMethod || request.method == .get else {
            throw Token.malformed(host, "it redirects with status \(response.status)")
        }
        let url: HTTPURL
        do throws(Diagnostic) {
            url = try request.url.resolving(location)
        } catch {
            throw Token.malformed(host, "it redirects to what is not a plain address")
        }
        guard url.origin == request.url.origin else {
            throw Diagnostic(
                .registryRealmRefused,
                "the token server `\(host)` redirects to `\(url.origin.host)`, which is not followed",
                because: "a credential is not sent to another server"
            )
        }
        return url
    }
}

extension Credential {
    /// The value of `Authorization` by RFC 7617; nil for what is no name and password.
    var basicAuthorization: String? {
        guard case .basic(let username, let password) = self else { return nil }
        return "Basic " + Base64Text.encode(Array("\(username):\(password)".utf8))
    }
}

extension Diagnostic.Code {
    package static let registryTokenUnavailable = Self("registry.token-unavailable", .network)
}
