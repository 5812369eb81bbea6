package import Diagnostics
package import HTTP
package import OCI
package import Store

/// A client for registries (OCI distribution-spec 1.1). Every answer that can be verified is verified.
///
/// Authentication, redirects and retries are handled here; callers need not know of them.
package final class RegistryClient: Sendable {
    package struct Options: Sendable {
        package var credentials: CredentialStore
        /// Hosts, with their ports, that may be used without TLS or with an unverified certificate.
        package var insecureRegistries: Set<String> = []
        /// For requests to registries and to their token servers.
        package var retry = RetryPolicy()
        package var clock = RetryClock()
        package var userAgent = "coracle"
        /// Called with notes, from any thread.
        package var note: @Sendable (Diagnostic) -> Void = { _ in }

        package init(credentials: CredentialStore) { self.credentials = credentials }
    }

    /// How a manifest is named within a repository.
    package enum ManifestName: Hashable, Sendable, CustomStringConvertible {
        case tag(String)
        case digest(Digest)

        /// The form that is used in addresses.
        package var description: String {
            switch self {
            case .tag(let tag): tag
            case .digest(let digest): digest.description
            }
        }

        var digest: Digest? { if case .digest(let digest) = self { digest } else { nil } }
    }

    package enum Action: Hashable, Sendable { case pull, push }

    let transport: any HTTPTransport
    let options: Options
    let observer: TransferObserver
    let retrying: Retrying
    let authorizer: Authorizer
    let endpoints: RegistryEndpoints

    package init(
        _ transport: any HTTPTransport,
        _ options: Options,
        observer: @escaping TransferObserver = { _ in }
    ) {
        self.transport = transport
        self.options = options
        self.observer = observer
        retrying = Retrying(options.retry, clock: options.clock) { wait in
            observer(
                .retrying(
                    wait.server,
                    attempt: wait.attempt,
                    limit: wait.limit,
                    after: wait.delay,
                    reason: wait.reason
                )
            )
        }
        authorizer = Authorizer(
            transport,
            credentials: options.credentials,
            allowsPlainHTTP: { options.insecureRegistries.contains($0) },
            retrying: retrying,
            userAgent: options.userAgent
        )
        endpoints = RegistryEndpoints(transport, insecure: options.insecureRegistries, userAgent: options.userAgent)
    }

    /// Checks before anything is sent that `actions` are allowed, and returns a description of the credential.
    ///
    /// A body that is refused half-way costs time, and some servers stop reading.
    /// - Throws: `registry.unauthorized`, `registry.…`.
    package func authorize(
        _ actions: [Action],
        in repository: RepositoryName,
        sources: [RepositoryName] = []
    ) async throws(Diagnostic) -> String {
        let scope = AuthorizationScope(Set(actions), in: repository, sources: sources)
        let answer: RegistryAnswer
        do throws(Diagnostic) {
            answer = try await exchange(RegistryCall(.get, .root, scope, to: "speak to `\(repository.registry)`"))
        } catch {
            // A token for several repositories is refused as a whole where one of them may not be read, and nothing has
            // to be mounted.
            guard error.code.category == .authentication, !sources.isEmpty else { throw error }
            return try await authorize(actions, in: repository)
        }
        guard Quirks.letsIn(answer) else { throw try await refusal(answer) }
        return try await authorizer.credentialDescription(for: repository)
    }
}
