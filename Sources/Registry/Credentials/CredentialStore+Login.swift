package import Diagnostics
import OCI

extension CredentialStore {
    /// Stores a credential where docker would: with the helper that its file names for `registry`, else in the file.
    ///
    /// Returns the place, for messages.
    /// - Throws: `credentials.unusable`, `credentials.no-place`, `credentials.malformed`, `credentials.helper-failed`,
    ///   `io.failed`.
    package func login(registry: String, username: String, password: String) async throws(Diagnostic) -> String {
        let credential = Credential.basic(username: username, password: password)
        if let defect = username.isEmpty || password.isEmpty ? "it is empty" : credential.defect {
            throw Diagnostic(
                .credentialsUnusable,
                "the user name or the password cannot be used for `\(registry)`",
                because: defect
            )
        }
        let place = try loginPlace()
        let key = CredentialKey.canonical(registry)
        let helper = try helper(for: registry, in: place)
        if let helper { try await helper.store(key, username: username, password: password) }
        var entry = JSONObject()
        // With a helper, an empty entry in the file shows docker and podman that there is a login.
        if helper == nil { entry["auth"] = .string(Base64Text.encode(Array("\(username):\(password)".utf8))) }
        try CredentialFile.update(place) { file throws(Diagnostic) in
            var auths = try file.object("auths")
            for other in auths.keys where other != key && CredentialKey(parsing: other).isWhole(registry) {
                auths[other] = nil
            }
            auths[key] = .object(entry)
            file.members["auths"] = .object(auths)
            return true
        }
        return helper.map { "\($0.program) (from \(place.shown))" } ?? place.shown
    }

    /// Removes the credential that `login` stored, and returns where it was.
    ///
    /// - Throws: `credentials.absent`, and as `login`.
    package func logout(registry: String) async throws(Diagnostic) -> String {
        let place = try loginPlace()
        let key = CredentialKey.canonical(registry)
        var source: String?
        if let helper = try helper(for: registry, in: place), try await helper.get(key) != nil {
            if try await helper.erase(key) { source = "\(helper.program) (from \(place.shown))" }
        }
        if try CredentialFile(reading: place) != nil {
            let wasThere = try CredentialFile.update(place) { file throws(Diagnostic) in
                var auths = try file.object("auths")
                let keys = auths.keys.filter { CredentialKey(parsing: $0).isWhole(registry) }
                guard !keys.isEmpty else { return false }
                for key in keys { auths[key] = nil }
                file.members["auths"] = .object(auths)
                return true
            }
            if wasThere { source = source ?? place.shown }
        }
        guard let source else {
            throw Diagnostic(
                .credentialsAbsent,
                "there is no login for `\(registry)`",
                because: "`\(place.shown)` has none"
            )
        }
        return source
    }

    private func helper(for registry: String, in place: CredentialPlace) throws(Diagnostic) -> CredentialHelper? {
        let all = RepositoryName(registry: registry, path: "")
        guard let name = try CredentialFile(reading: place)?.helpers(for: all).first else { return nil }
        return try CredentialHelper(named: name, for: self, in: place)
    }

    private func loginPlace() throws(Diagnostic) -> CredentialPlace {
        if let place = CredentialPlace.forLogin(environment) { return place }
        throw Diagnostic(
            .credentialsNoPlace,
            "there is no place to store a login",
            because: "none of HOME, DOCKER_CONFIG and REGISTRY_AUTH_FILE is set",
            hint: "set REGISTRY_AUTH_FILE to the path of a file to create"
        )
    }
}

extension Diagnostic.Code {
    package static let credentialsUnusable = Self("credentials.unusable", .usage)
    package static let credentialsAbsent = Self("credentials.absent", .notFound)
    package static let credentialsNoPlace = Self("credentials.no-place", .localIO)
}
