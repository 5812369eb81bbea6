package import Diagnostics
import HTTP
package import OCI

extension RegistryClient {
    /// Puts a manifest or index. Repeating it changes nothing.
    ///
    /// distribution-spec § Pushing Manifests. A manifest with a subject is also entered into the list that replaces the
    /// referrers API in registries without one (§ Pushing Manifests with Subject).
    /// - Throws: `registry.refused`, `attached.…`, `registry.…`.
    package func put(
        _ bytes: [UInt8],
        as manifest: Descriptor,
        named name: ManifestName,
        to repository: RepositoryName
    ) async throws(Diagnostic) {
        guard let referrer = try await putUnlisted(bytes, as: manifest, named: name, to: repository) else { return }
        for problem in try await list([referrer], in: repository) { options.note(problem) }
    }

    /// Puts a manifest or index, and leaves it to the caller to enter it into a list of referrers, for several at once.
    ///
    /// - Returns: what is to be entered; `nil` if the manifest has no subject, or the registry lists it by itself.
    /// - Throws: `registry.refused`, `registry.…`.
    package func putUnlisted(
        _ bytes: [UInt8],
        as manifest: Descriptor,
        named name: ManifestName,
        to repository: RepositoryName
    ) async throws(Diagnostic) -> UnlistedReferrer? {
        let answer = try await send(bytes, as: manifest, named: name, to: repository)
        guard let answer, answer.headers["OCI-Subject"] == nil else { return nil }
        return try UnlistedReferrer(bytes, manifest)
    }

    /// Puts a manifest that is there already under another name.
    func tag(
        _ bytes: [UInt8],
        of manifest: Descriptor,
        as tag: String,
        in repository: RepositoryName
    ) async throws(Diagnostic) {
        _ = try await send(bytes, as: manifest, named: .tag(tag), to: repository)
    }

    /// - Parameter ifMatch: the entity tag of what is replaced; `nil` for whatever is there.
    /// - Returns: `nil` if something else is there by now (RFC 9110 § 13.1.1).
    func send(
        _ bytes: [UInt8],
        as manifest: Descriptor,
        named name: ManifestName,
        to repository: RepositoryName,
        ifMatch: String? = nil
    ) async throws(Diagnostic) -> RegistryAnswer? {
        var call = RegistryCall(
            .put,
            .repository("manifests/\(name)"),
            AuthorizationScope([.pull, .push], in: repository),
            headers: ["Content-Type": manifest.mediaType.rawValue],
            body: .bytes(bytes),
            to: "push the manifest `\(shown(name, repository))`"
        )
        if let ifMatch { call.headers["If-Match"] = ifMatch }
        // A manifest gives a name its meaning, so no other server is to have it.
        call.reach = .sameOrigin
        var unknown = 0
        let answer = try await retrying.run(at: repository.registry) {
            await attempt(call).then { (answer) async throws(Diagnostic) -> Attempt<RegistryAnswer?> in
                if (200..<300).contains(answer.status) { return .done(answer) }
                if answer.status == 412, ifMatch != nil { return .done(nil) }
                let problem = await RegistryProblem(answer)
                let error = try await refusal(answer, problem).aboutFormat(of: manifest, answer.status, problem)
                unknown += 1
                return Quirks.isLateBlob(problem) && unknown <= 2 ? .again(error) : .failed(error)
            }
        }
        if let answer, let digest = answer.digest, digest.algorithm == .sha256, digest != manifest.digest {
            throw Self.refused(call, answer, "it reports the digest \(digest), and \(manifest.digest) was sent")
        }
        return answer
    }

    /// The result of `body`; `nil` if there is no such manifest.
    func absent<Value>(_ body: () async throws(Diagnostic) -> Value) async throws(Diagnostic) -> Value? {
        do throws(Diagnostic) {
            return try await body()
        } catch {
            if error.code == .manifestNotFound || error.code == .repositoryNotFound { return nil }
            throw error
        }
    }
}

extension Diagnostic {
    /// With a hint at Docker's format, if the registry says that it does not take what was sent.
    fileprivate func aboutFormat(of manifest: Descriptor, _ status: Int, _ problem: RegistryProblem) -> Diagnostic {
        guard [.imageManifest, .imageIndex].contains(manifest.mediaType.essence) else { return self }
        let words = (problem.words ?? "").lowercased()
        let isInvalid = status == 400 && problem.codes.contains("MANIFEST_INVALID")
        let isRefused =
            status == 415 || isInvalid && ["media type", "mediatype", "unsupported"].contains { words.contains($0) }
        guard isRefused else { return self }
        var error = self
        error.hint = "registries that refuse OCI's manifests take Docker's: use `--format docker`"
        return error
    }
}
