package import Diagnostics
import OCI
import Registry

extension ImageAccess {
    /// Tries a user's name and password at a registry, then keeps them where docker does.
    ///
    /// - Returns: where they are kept.
    /// - Throws: `registry.unauthorized`, `credentials.…`; what else keeps a registry from answering.
    package func login(registry: String, username: String, password: String) async throws(Diagnostic) -> String {
        try refuseOffline("login")
        let credential = FoundCredential(.basic(username: username, password: password), from: "this login")
        let client = try makeClient(CredentialStore(only: credential))
        _ = try await client.authorize([], in: RepositoryName(registry: registry, path: ""))
        return try await CredentialStore(environment: settings.environment)
            .login(registry: registry, username: username, password: password)
    }

    /// Forgets what `login` kept, and returns where that was.
    ///
    /// - Throws: `credentials.absent`, `credentials.…`.
    package func logout(registry: String) async throws(Diagnostic) -> String {
        try await CredentialStore(environment: settings.environment).logout(registry: registry)
    }
}
