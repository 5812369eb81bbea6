package import Diagnostics
package import HTTP
package import OCI
import Synchronization

/// Provides the `Authorization` of each request to a registry, and fetches tokens for registries that require them.
///
/// Tokens are reused as long as they are valid, for every request whose scope they cover. Simultaneous requests for the
/// same token share one.
package final class Authorizer: Sendable {
    private typealias Shared<Value: Sendable> = Task<Result<Value, Diagnostic>, Never>

    private struct State {
        var registries: [String: RegistryAccess] = [:]
        var tokens: [String: Shared<String>] = [:]
        /// Cached, because a helper takes time.
        var credentials: [RepositoryName: Shared<FoundCredential?>] = [:]
    }

    private let state = Mutex(State())
    private let client: TokenClient
    private let store: CredentialStore
    private let allowsPlainHTTP: @Sendable (String) -> Bool

    /// - Parameter allowsPlainHTTP: whether the user named a host, as `HOST[:PORT]`, that may be used without TLS.
    package init(
        _ transport: any HTTPTransport,
        credentials: CredentialStore,
        allowsPlainHTTP: @escaping @Sendable (String) -> Bool,
        retrying: Retrying,
        userAgent: String
    ) {
        client = TokenClient(transport: transport, retrying: retrying, userAgent: userAgent)
        store = credentials
        self.allowsPlainHTTP = allowsPlainHTTP
    }

    /// The value of `Authorization` for a request; `nil` before the first challenge.
    ///
    /// Once a registry has asked for tokens, a missing or expiring one is fetched here. If that fails, the result is `nil`, and
    /// the registry's next challenge leads to the error.
    package func authorization(for scope: AuthorizationScope) async -> String? {
        guard let access = state.withLock({ $0.registries[scope.repository.registry] }) else { return nil }
        switch access.wish {
        case .basic:
            let found = try? await credential(for: scope.repository)
            return found?.credential.basicAuthorization
        case .token(let realm):
            return try? await token(from: realm, TokenScope(scope), for: scope, rejected: nil)
        }
    }

    /// Answers a 401 with the value to send next. `rejected` is the value that was sent and refused, if any.
    ///
    /// - Throws: `registry.unauthorized` when the registry refuses what there is, `registry.realm-refused`,
    ///   `registry.token-malformed`, `registry.token-unavailable`, and what `CredentialStore` throws.
    package func answer(
        _ challenge: HTTPHeaders,
        from url: HTTPURL,
        for scope: AuthorizationScope,
        rejected: String?
    ) async throws(Diagnostic) -> String {
        let fields = challenge[all: "WWW-Authenticate"]
        let challenges = Challenge.parse(fields)
        for challenge in challenges where challenge.scheme == "bearer" {
            guard let realm = try TokenRealm(challenge, of: url, allowsPlainHTTP: allowsPlainHTTP) else { continue }
            remember(.token(realm), for: scope)
            var wanted = TokenScope(scope)
            wanted.insert(challenge: challenge.parameters["scope"] ?? "")
            return try await token(from: realm, wanted, for: scope, rejected: rejected)
        }
        if challenges.contains(where: { $0.scheme == "basic" }) {
            return try await basic(from: url, for: scope, rejected: rejected)
        }
        throw refusal(of: nil, for: scope, Self.reason(against: fields))
    }

    /// "user `me` from ~/.docker/config.json", or "anonymous: no credential for ghcr.io in …".
    package func credentialDescription(for repository: RepositoryName) async throws(Diagnostic) -> String {
        describe(try await credential(for: repository), for: repository)
    }

    // MARK: Basic

    private func basic(
        from url: HTTPURL,
        for scope: AuthorizationScope,
        rejected: String?
    ) async throws(Diagnostic) -> String {
        let isPrivate = url.origin.scheme == .https || url.isLoopback
        guard isPrivate || url.origin.userNames.contains(where: allowsPlainHTTP) else {
            throw Diagnostic(
                .registryRealmRefused,
                "`\(url.origin.host)` asks for a password without TLS",
                because: "others on the network could read it; it was not sent",
                hint: "if that is what you want: `--insecure-registry \(scope.repository.registry)`"
            )
        }
        let found = try await credential(for: scope.repository)
        guard let found else { throw refusal(of: nil, for: scope, nil) }
        guard let value = found.credential.basicAuthorization else {
            throw refusal(of: found, for: scope, "it requires a user name and a password")
        }
        guard rejected != value else { throw refusal(of: found, for: scope, nil) }
        remember(.basic, for: scope)
        return value
    }

    // MARK: Tokens

    private func token(
        from realm: TokenRealm,
        _ wanted: TokenScope,
        for scope: AuthorizationScope,
        rejected: String?
    ) async throws(Diagnostic) -> String {
        let registry = scope.repository.registry
        let key = ([registry, realm.url.description] + wanted.texts).joined(separator: "\n")
        let step = state.withLock { state in
            var access = state.registries[registry] ?? RegistryAccess(wish: .token(realm))
            defer { state.registries[registry] = access }
            let now = ContinuousClock.now
            if let rejected, access.gives(up: rejected, for: wanted, now) { return Step.giveUp }
            if let token = access.token(for: wanted, now) { return .have(token) }
            if let pending = state.tokens[key] { return .wait(pending) }
            let task = Shared<String> { [self] in
                await fetch(from: realm, wanted, for: scope, replacing: rejected != nil, key)
            }
            state.tokens[key] = task
            return .wait(task)
        }
        switch step {
        case .have(let token): return token
        case .wait(let task): return try await task.value.get()
        case .giveUp:
            throw refusal(
                of: try await credential(for: scope.repository),
                for: scope,
                "it rejects the tokens of `\(realm.url.origin.host)`, even a new one"
            )
        }
    }

    private enum Step: Sendable {
        case have(String)
        case wait(Shared<String>)
        case giveUp
    }

    /// Fetches a token and stores it.
    private func fetch(
        from realm: TokenRealm,
        _ wanted: TokenScope,
        for scope: AuthorizationScope,
        replacing: Bool,
        _ key: String
    ) async -> Result<String, Diagnostic> {
        let asked = ContinuousClock.now
        let result: Result<Token, Diagnostic>
        do throws(Diagnostic) {
            result = .success(try await ask(realm, wanted, for: scope))
        } catch {
            result = .failure(error)
        }
        return state.withLock { state in
            state.tokens[key] = nil
            guard case .success(let token) = result else { return result.map { "Bearer \($0.value)" } }
            let kept = RegistryAccess.KeptToken(
                authorization: "Bearer \(token.value)",
                scope: wanted,
                asked: asked,
                end: asked + token.lifetime,
                isReplacement: replacing
            )
            state.registries[scope.repository.registry]?.keep(kept)
            return .success(kept.authorization)
        }
    }

    private func ask(
        _ realm: TokenRealm,
        _ wanted: TokenScope,
        for scope: AuthorizationScope
    ) async throws(Diagnostic) -> Token {
        let found = try await credential(for: scope.repository)
        if case .bearer(let token) = found?.credential { return Token(given: token) }
        switch try await client.token(for: .init(realm: realm, scope: wanted, credential: found?.credential)) {
        case .token(let token): return token
        case .refused(let status):
            throw refusal(of: found, for: scope, "`\(realm.url.origin.host)` answered with status \(status)")
        }
    }

    // MARK: What is known

    private func remember(_ wish: RegistryAccess.Wish, for scope: AuthorizationScope) {
        state.withLock { $0.registries[scope.repository.registry, default: RegistryAccess(wish: wish)].wish = wish }
    }

    private func credential(for repository: RepositoryName) async throws(Diagnostic) -> FoundCredential? {
        let task = state.withLock { state in
            if let task = state.credentials[repository] { return task }
            let task = Shared<FoundCredential?> { [store] in
                do throws(Diagnostic) {
                    return .success(try await store.credential(for: repository))
                } catch {
                    return .failure(error)
                }
            }
            state.credentials[repository] = task
            return task
        }
        return try await task.value.get()
    }

    // MARK: Messages

    private func describe(_ found: FoundCredential?, for repository: RepositoryName) -> String {
        if let found { return "\(found.credential) from \(found.source)" }
        guard !store.places.isEmpty else { return "anonymous: no variable says where credentials are, such as HOME" }
        return "anonymous: no credential for \(repository.registry) in \(store.places.joined(separator: ", "))"
    }

    private func refusal(of found: FoundCredential?, for scope: AuthorizationScope, _ reason: String?) -> Diagnostic {
        let repository = scope.repository
        let who = "asked as \(describe(found, for: repository))"
        // A login has no repository.
        guard !repository.path.isEmpty else {
            return Diagnostic(
                .registryUnauthorized,
                "`\(repository.registry)` does not let us in",
                because: reason.map { "\($0); \(who)" } ?? who,
                hint: "check the user name and the password; many registries require a token instead of the password"
            )
        }
        let action = scope.actions.contains(.push) ? "push to" : "pull from"
        return Diagnostic(
            .registryUnauthorized,
            "`\(repository.registry)` does not let us \(action) `\(repository.path)`",
            at: .image(repository.description),
            because: reason.map { "\($0); \(who)" } ?? who,
            hint: found == nil
                ? "log in with `coracle login \(repository.registry) -u NAME`"
                : "check what this user may do, or log in again with `coracle login \(repository.registry) -u NAME`"
        )
    }

    /// Why none of the challenges can be answered.
    private static func reason(against fields: [String]) -> String {
        guard let field = fields.first else {
            return "it answered with status 401 and does not name an authentication scheme"
        }
        let excerpt = String(decoding: field.utf8.prefix(200), as: UTF8.self)
        return "it requires a kind of authentication that coracle does not support: `\(excerpt)`"
    }
}

extension Diagnostic.Code {
    package static let registryUnauthorized = Self("registry.unauthorized", .authentication)
}
