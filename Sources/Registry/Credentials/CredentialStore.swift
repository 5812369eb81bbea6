package import Diagnostics
package import OCI

/// Finds credentials in the files of docker and podman, and through the helpers that those name.
package struct CredentialStore: Sendable {
    let environment: [String: String]
    private let files: [CredentialPlace]
    private let only: FoundCredential?
    /// Time limit for a helper's answer.
    let helperTimeLimit: Duration

    /// - Parameter environment: the process's variables.
    package init(environment: [String: String]) {
        self.init(environment: environment, helperTimeLimit: .seconds(30))
    }

    init(environment: [String: String], helperTimeLimit: Duration) {
        self.environment = environment
        self.helperTimeLimit = helperTimeLimit
        files = CredentialPlace.all(environment)
        only = nil
    }

    /// A store with one credential for all registries, which is tried before it is stored.
    package init(only credential: FoundCredential) {
        environment = [:]
        files = []
        helperTimeLimit = .zero
        only = credential
    }

    /// The credential for a repository; `nil` for anonymous access.
    ///
    /// The first file that has one decides: a helper of `credHelpers` or `credsStore`, else an entry of `auths`.
    /// - Throws: `credentials.malformed`, `credentials.helper-failed`: an unreadable file is an
    ///   error; it never means anonymous access.
    package func credential(for repository: RepositoryName) async throws(Diagnostic) -> FoundCredential? {
        if let only { return only }
        for place in files {
            guard let file = try CredentialFile(reading: place) else { continue }
            for name in try file.helpers(for: repository) {
                let helper = try CredentialHelper(named: name, for: self, in: place)
                guard let credential = try await helper.get(CredentialKey.canonical(repository.registry)) else {
                    continue
                }
                return FoundCredential(credential, from: "\(helper.program) (from \(place.shown))")
            }
            if let credential = try file.credential(for: repository) {
                return FoundCredential(credential, from: place.shown)
            }
        }
        return nil
    }

    /// The files that `credential` looks in, for messages.
    package var places: [String] { files.map(\.shown) }

    /// Warnings about files with secrets that other users can read, a line each.
    package var notes: [String] {
        files.compactMap { place in
            guard let found = try? CredentialFile(reading: place), found.holdsSecrets, found.permissions & 0o077 != 0
            else { return nil }
            let mode = String(found.permissions & 0o777, radix: 8)
            return
                "`\(place.shown)` holds secrets, and its mode \(mode) lets other users read them: `chmod 600 \(place.shown)`"
        }
    }
}
