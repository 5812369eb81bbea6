package import Diagnostics
package import OCI

/// Where credentials are looked for: the files of docker and podman, and the programs that those name.
package struct CredentialStore: Sendable {
    let environment: [String: String]
    private let files: [CredentialPlace]
    private let only: FoundCredential?
    /// For an answer of a helper.
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

    /// A store that knows one credential, for all registries: one that is to be tried before it is kept.
    package init(only credential: FoundCredential) {
        environment = [:]
        files = []
        helperTimeLimit = .zero
        only = credential
    }

    /// The credential for a repository; nil for none, which is anonymous access.
    ///
    /// In the first file that has one: what a helper of `credHelpers` or `credsStore` says, else what stands in `auths`.
    /// - Throws: `credentials.malformed`, `credentials.helper-failed`: what is there and cannot be read is no anonymity.
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

    /// Where `credential` has looked, for messages.
    package var places: [String] { files.map(\.shown) }

    /// What a user should know about the files: those with secrets that other users can read. Each is a line.
    package var notes: [String] {
        files.compactMap { place in
            guard let found = try? CredentialFile(reading: place), found.holdsSecrets, found.permissions & 0o077 != 0
            else { return nil }
            let mode = String(found.permissions & 0o777, radix: 8)
            return
                "`\(place.shown)` holds secrets, and its mode \(mode) lets others at them: `chmod 600 \(place.shown)`"
        }
    }
}
