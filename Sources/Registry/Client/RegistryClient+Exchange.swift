import Diagnostics
import HTTP
import OCI
import Store

extension RegistryClient {
    /// What came of one try.
    enum Attempt<Value: Sendable>: Sendable {
        case done(Value)
        /// Another try would end the same way.
        case failed(Diagnostic)
        /// Another try can help; after a time that the server named, if it did.
        case again(Diagnostic, after: Duration? = nil)
    }

    /// Tries until it is done, or is hopeless, or has been tried often enough.
    ///
    /// - Parameter progress: of what was reached by the tries so far; tries that get further do not count as failed.
    func tried<Value: Sendable>(
        _ purpose: String,
        at registry: String,
        progress: (() -> Int64)? = nil,
        _ attempt: () async -> Attempt<Value>
    ) async throws(Diagnostic) -> Value {
        let start = ContinuousClock.now
        var lastProgress = start
        var (failures, total) = (0, 0)
        var reached = progress?() ?? 0
        while true {
            switch await attempt() {
            case .done(let value): return value
            case .failed(let problem): throw problem
            case .again(let problem, let asked):
                total += 1
                failures += 1
                if let now = progress?(), now - reached >= 1 << 20 {
                    reached = now
                    failures = 1
                    lastProgress = .now
                }
                let elapsed = ContinuousClock.now - lastProgress
                let isCancelled = Task.isCancelled
                guard failures < options.retry.attempts, elapsed < options.retry.longestTime, !isCancelled else {
                    var problem = problem
                    if total > 1 {
                        let tries = "after \(total) attempts over \((ContinuousClock.now - start).components.seconds) s"
                        problem.reason = problem.reason.map { "\($0); \(tries)" } ?? tries
                    }
                    throw problem
                }
                let delay = options.retry.delay(after: failures, asked: asked, jitter: options.jitter())
                observer(
                    .retrying(
                        registry,
                        attempt: failures + 1,
                        limit: options.retry.attempts,
                        after: delay,
                        reason: problem.reason ?? problem.summary
                    )
                )
                do { try await options.pause(delay) } catch { throw problem }
            }
        }
    }

    /// The answer to `call`, whatever its status, once it is not one that another try may change.
    ///
    /// Its body is still to be read.
    func exchange(_ call: RegistryCall) async throws(Diagnostic) -> RegistryAnswer {
        try await tried(call.purpose, at: call.scope.repository.registry) { await attempt(call) }
    }

    /// The answer with its whole body, which is nil if it is longer than `limit` bytes; a body that breaks off is asked for
    /// again. Of a status that is no success the body is left unread.
    func exchange(
        _ call: RegistryCall,
        limit: Int
    ) async throws(Diagnostic) -> (answer: RegistryAnswer, body: [UInt8]?) {
        try await tried(call.purpose, at: call.scope.repository.registry) {
            switch await attempt(call) {
            case .failed(let problem): return .failed(problem)
            case .again(let problem, let after): return .again(problem, after: after)
            case .done(let answer):
                guard (200..<300).contains(answer.status) else { return .done((answer, nil)) }
                if let length = answer.length, length > Int64(limit) { return .done((answer, nil)) }
                do throws(HTTPFailure) {
                    return .done((answer, try await answer.body.collect(limit: limit)))
                } catch {
                    return problem(error, call)
                }
            }
        }
    }

    /// One try: with authorization, and with redirects followed.
    func attempt(_ call: RegistryCall) async -> Attempt<RegistryAnswer> {
        do throws(Diagnostic) {
            let answer: RegistryAnswer
            do throws(CallFailure) {
                answer = try await authorized(call)
            } catch {
                switch error {
                case .carrying(let failure): return problem(failure, call)
                case .asking(let problem): return .failed(problem)
                }
            }
            // What comes with an error is only shown, and is not what was asked for.
            if (200..<300).contains(answer.status), let encoding = answer.encoding {
                throw Diagnostic(
                    .registryMalformed,
                    "cannot \(call.purpose)",
                    at: .image(call.scope.repository.description),
                    because: "`\(answer.url.origin.place)` sent it with the content encoding `\(encoding)`, unasked",
                    hint: "a proxy on the way may be changing what it carries"
                )
            }
            guard RetryPolicy.retried.contains(answer.status) else { return .done(answer) }
            let wait = answer.headers["Retry-After"].flatMap { RetryAfter($0) }
            // The server's own clock: ours may be wrong.
            let now = answer.headers["Date"].flatMap { HTTPDate.seconds(of: $0) }
            let asked = wait.flatMap { wait -> Duration? in
                if case .date = wait, now == nil { return nil }
                return wait.delay(now: now ?? 0)
            }
            return .again(try await refusal(answer), after: asked)
        } catch {
            return .failed(error)
        }
    }

    /// The problem that a failed request is.
    func problem<Value>(_ failure: HTTPFailure, _ call: RegistryCall) -> Attempt<Value> {
        if let own = failure.underlying { return .failed(own) }
        let problem = Diagnostic(
            .registryUnavailable,
            "cannot \(call.purpose)",
            at: .image(call.scope.repository.description),
            because: failure.reason,
            hint: failure.hint
        )
        return failure.isTransient ? .again(problem) : .failed(problem)
    }

    // MARK: One request

    /// How many redirects one answer may take.
    private static let redirects = 10

    /// Why there is no answer to a call.
    enum CallFailure: Error {
        case carrying(HTTPFailure)
        case asking(Diagnostic)
    }

    /// Sends the call, and once or twice again if the registry wants to know who asks.
    private func authorized(_ call: RegistryCall) async throws(CallFailure) -> RegistryAnswer {
        let url = try await asking { () async throws(Diagnostic) in try await self.url(of: call) }
        // An upload may go on at another host, which is sent no credential and whose challenge is not answered.
        guard await isOwn(url, of: call) else { return try await followed(call, at: url, nil) }
        var value = await authorizer.authorization(for: call.scope)
        for _ in 0..<2 {
            let answer = try await followed(call, at: url, value)
            // Another host's challenge is none of ours: to answer it would be to give it what is meant for this one.
            guard answer.status == 401, answer.url.origin == url.origin else { return answer }
            let rejected = value
            value = try await asking { () async throws(Diagnostic) in
                try await authorizer.answer(answer.headers, from: url, for: call.scope, rejected: rejected)
            }
        }
        return try await followed(call, at: url, value)
    }

    private func asking<Value>(
        _ body: () async throws(Diagnostic) -> Value
    ) async throws(CallFailure) -> Value {
        do throws(Diagnostic) { return try await body() } catch { throw .asking(error) }
    }

    private func url(of call: RegistryCall) async throws(Diagnostic) -> HTTPURL {
        let repository = call.scope.repository
        switch call.place {
        case .root: return try await endpoints.url(repository.registry, "/v2/")
        case .repository(let rest):
            return try await endpoints.url(repository.registry, "/v2/\(repository.path)/\(rest)")
        case .url(let url): return url
        }
    }

    private func followed(
        _ call: RegistryCall,
        at url: HTTPURL,
        _ authorization: String?
    ) async throws(CallFailure) -> RegistryAnswer {
        var headers = call.headers
        headers["User-Agent"] = options.userAgent
        headers["Accept-Encoding"] = "identity"
        var request = HTTPRequest(call.method, url, headers: headers, body: call.body)
        request.headers["Authorization"] = authorization
        for _ in 0...Self.redirects {
            let answer: HTTPResponse
            do throws(HTTPFailure) {
                answer = try await transport.send(request)
            } catch {
                throw .carrying(error)
            }
            guard Self.isRedirect(answer.status, call.method), let location = answer.headers["Location"] else {
                return RegistryAnswer(
                    status: answer.status,
                    headers: answer.headers,
                    body: answer.body,
                    url: request.url,
                    call: call
                )
            }
            let redirected = request
            request = try await asking { () async throws(Diagnostic) in
                try RedirectPolicy.request(redirected, redirectedTo: location)
            }
        }
        throw .asking(
            Diagnostic(
                .registryRefused,
                "cannot \(call.purpose)",
                at: .image(call.scope.repository.description),
                because: "`\(url.origin.place)` redirects again and again, more than \(Self.redirects) times"
            )
        )
    }

    /// Whether an address is the registry's own.
    private func isOwn(_ url: HTTPURL, of call: RegistryCall) async -> Bool {
        guard case .url = call.place else { return true }
        let own = try? await endpoints.url(call.scope.repository.registry, "/v2/")
        return own?.origin == url.origin
    }

    /// What is sent with a body goes elsewhere only where the status says that the body goes along (RFC 9110 § 15.4).
    private static func isRedirect(_ status: Int, _ method: HTTPRequest.Method) -> Bool {
        if status == 307 || status == 308 { return true }
        return (301...303).contains(status) && (method == .get || method == .head)
    }
}
