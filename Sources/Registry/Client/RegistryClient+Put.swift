package import Diagnostics
import HTTP
package import OCI

extension RegistryClient {
    /// Puts a manifest or index. Repeating it changes nothing.
    ///
    /// distribution-spec § Pushing Manifests. A manifest with a subject is also entered into the list that replaces the
    /// referrers API in registries without one (§ Pushing Manifests with Subject).
    /// - Throws: `registry.refused`, `registry.…`.
    package func put(
        _ bytes: [UInt8],
        as manifest: Descriptor,
        named name: ManifestName,
        to repository: RepositoryName
    ) async throws(Diagnostic) {
        let answer = try await send(bytes, as: manifest, named: name, to: repository)
        try await list(bytes, manifest, answer, in: repository)
    }

    private func send(
        _ bytes: [UInt8],
        as manifest: Descriptor,
        named name: ManifestName,
        to repository: RepositoryName
    ) async throws(Diagnostic) -> RegistryAnswer {
        var call = RegistryCall(
            .put,
            .repository("manifests/\(name)"),
            AuthorizationScope([.pull, .push], in: repository),
            headers: ["Content-Type": manifest.mediaType.rawValue],
            body: .bytes(bytes),
            to: "push the manifest `\(shown(name, repository))`"
        )
        // A manifest gives a name its meaning, so no other server is to have it.
        call.reach = .sameOrigin
        var unknown = 0
        let answer = try await retrying.run(at: repository.registry) {
            await attempt(call).then { (answer) async throws(Diagnostic) -> Attempt<RegistryAnswer> in
                if (200..<300).contains(answer.status) { return .done(answer) }
                let problem = await RegistryProblem(answer)
                let error = try await refusal(answer, problem)
                unknown += 1
                return Quirks.isLateBlob(problem) && unknown <= 2 ? .again(error) : .failed(error)
            }
        }
        if let digest = answer.digest, digest.algorithm == .sha256, digest != manifest.digest {
            throw Self.refused(call, answer, "it reports the digest \(digest), and \(manifest.digest) was sent")
        }
        return answer
    }

    /// Enters a manifest into its subject's list of referrers if the registry does not do so itself.
    private func list(
        _ bytes: [UInt8],
        _ manifest: Descriptor,
        _ answer: RegistryAnswer,
        in repository: RepositoryName
    ) async throws(Diagnostic) {
        guard answer.headers["OCI-Subject"] == nil else { return }
        let subject: Descriptor?
        var entry = manifest
        if manifest.mediaType.isManifest {
            let content = try Document<Manifest>(decoding: bytes, of: manifest).content
            subject = content.subject
            entry.artifactType = content.artifactType ?? content.config.mediaType
            entry.annotations = content.annotations.isEmpty ? nil : content.annotations
        } else {
            let content = try Document<Index>(decoding: bytes, of: manifest).content
            subject = content.subject
            entry.artifactType = content.artifactType
            entry.annotations = content.annotations.isEmpty ? nil : content.annotations
        }
        guard let subject else { return }
        let tag = ManifestName.tag(subject.digest.referrersTag)
        var index = Index(manifests: [])
        if let (descriptor, bytes) = try await absent({ () async throws(Diagnostic) in
            try await self.manifest(tag, in: repository)
        }), descriptor.mediaType.isIndex {
            index = try Document<Index>(decoding: bytes, of: descriptor).content
        }
        guard !index.manifests.contains(where: { $0.digest == entry.digest }) else { return }
        index.manifests.append(entry)
        let document = Document(encoding: index, as: .imageIndex)
        // Not with `put`: a list that has a subject itself would lead to another list, and so on.
        _ = try await send(document.bytes, as: document.descriptor, named: tag, to: repository)
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

extension Digest {
    /// The tag under which the referrers of a manifest are listed (distribution-spec § Referrers Tag Schema).
    var referrersTag: String { "\(algorithm.rawValue)-\(hex)" }
}
