import Diagnostics
import HTTP
import OCI
import Store

extension RegistryClient {
    typealias Attempt<Value: Sendable> = HTTP.Attempt<Value, Diagnostic>

    /// Number of redirects that are followed. One may lead to a server that keeps the blobs; it is sent no credential.
    private static let redirectLimit = 10

    /// An answer, and its body if that was read.
    struct WholeAnswer: Sendable {
        let answer: RegistryAnswer
        /// `nil` if it is too long, or the answer is not a success.
        let body: [UInt8]?
    }

    /// The answer to `call`, whatever its status, unless another try may change it.
    ///
    /// Its body has not been read.
    func exchange(_ call: RegistryCall) async throws(Diagnostic) -> RegistryAnswer {
        try await retrying.run(at: call.scope.repository.registry) { await attempt(call) }
    }

    /// The answer with its whole body, which has at most `limit` bytes. A body that breaks off is asked for
    /// again. The body of an answer without success is not read.
    func wholeAnswer(
        to call: RegistryCall,
        limit: Int
    ) async throws(Diagnostic) -> WholeAnswer {
        try await retrying.run(at: call.scope.repository.registry) {
            await attempt(call).then { (answer) async throws(Diagnostic) -> Attempt<WholeAnswer> in
                guard (200..<300).contains(answer.status) else { return .done(WholeAnswer(answer: answer, body: nil)) }
                if let length = answer.length, length > Int64(limit) {
                    return .done(WholeAnswer(answer: answer, body: nil))
                }
                do throws(HTTPFailure) {
                    return .done(WholeAnswer(answer: answer, body: try await answer.body.collect(limit: limit)))
                } catch {
                    return problem(error, call)
                }
            }
        }
    }

    /// One try, with authorization and redirects.
    func attempt(_ call: RegistryCall) async -> Attempt<RegistryAnswer> {
        await authorized(call).then { (answer) async throws(Diagnostic) -> Attempt<RegistryAnswer> in
            // The body of an error is only shown, so its encoding does not matter.
            if (200..<300).contains(answer.status), let encoding = answer.encoding {
                throw Diagnostic(
                    .registryMalformed,
                    "cannot \(call.purpose)",
                    at: .image(call.scope.repository.description),
                    because: "`\(answer.url.origin.place)` sent it with the content encoding `\(encoding)`, unasked",
                    hint: "a proxy on the way may be changing what it carries"
                )
            }
            guard options.retry.statuses.contains(answer.status) else { return .done(answer) }
            return .again(try await refusal(answer), after: RetryAfter.delay(in: answer.headers))
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

    /// Sends the call, and once or twice again if the registry wants to know who asks.
    private func authorized(_ call: RegistryCall) async -> Attempt<RegistryAnswer> {
        do throws(Diagnostic) {
            let url = try await url(of: call)
            // An upload may go on at another host, which is sent no credential and whose challenge is not answered.
            guard await isOwn(url, of: call) else { return await followed(call, at: url, nil) }
            var value = await authorizer.authorization(for: call.scope)
            for _ in 0..<2 {
                let outcome = await followed(call, at: url, value)
                // Another host's challenge is not answered: that would give it what is meant for this one.
                guard case .done(let answer) = outcome, answer.status == 401, answer.url.origin == url.origin else {
                    return outcome
                }
                value = try await authorizer.answer(answer.headers, from: url, for: call.scope, rejected: value)
            }
            return await followed(call, at: url, value)
        } catch {
            return .failed(error)
        }
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

    /// Sends the call to one address with one credential.
    private func followed(
        _ call: RegistryCall,
        at url: HTTPURL,
        _ authorization: String?
    ) async -> Attempt<RegistryAnswer> {
        var headers = call.headers
        headers["User-Agent"] = options.userAgent
        headers["Accept-Encoding"] = "identity"
        headers["Authorization"] = authorization
        let request = HTTPRequest(call.method, url, headers: headers, body: call.body)
        let redirects = Redirects(limit: Self.redirectLimit, to: call.reach)
        do throws(Redirects.Failure) {
            return .done(RegistryAnswer(try await redirects.send(request, through: transport), to: call))
        } catch {
            switch error {
            case .transport(let failure): return problem(failure, call)
            case .refused(let problem): return .failed(problem)
            case .otherOrigin(let other):
                return .failed(
                    Diagnostic(
                        .redirectRefused,
                        "cannot \(call.purpose)",
                        at: .image(call.scope.repository.description),
                        because: "`\(url.origin.place)` redirects to `\(other.origin)`, which may be anyone's",
                        hint: "name that registry in the reference if it is the one that you mean"
                    )
                )
            case .tooMany:
                return .failed(
                    Diagnostic(
                        .registryRefused,
                        "cannot \(call.purpose)",
                        at: .image(call.scope.repository.description),
                        because: "`\(url.origin.place)` redirects more than \(Self.redirectLimit) times"
                    )
                )
            }
        }
    }

    /// Whether an address is the registry's own.
    private func isOwn(_ url: HTTPURL, of call: RegistryCall) async -> Bool {
        guard case .url = call.place else { return true }
        let own = try? await endpoints.url(call.scope.repository.registry, "/v2/")
        return own?.origin == url.origin
    }
}
