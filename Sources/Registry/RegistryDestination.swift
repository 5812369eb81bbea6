import ByteIO
package import Diagnostics
import HTTP
package import OCI
package import Store

/// Pushes images to registries: blobs first, then manifests by digest, tags last.
///
/// A client that pulls a tag during a push gets the whole old image or the whole new one.
package struct RegistryDestination: Sendable {
    /// What is done after a push to know that it can be pulled.
    package enum Verification: Hashable, Sendable {
        /// The registry's answers are trusted.
        case none
        /// The manifest is read once under each name.
        case readBack
    }

    private let client: RegistryClient
    private let parallel: Int
    private let verification: Verification

    /// - Parameter parallel: number of blobs that are uploaded at the same time.
    package init(_ client: RegistryClient, parallel: Int = 2, verification: Verification = .none) {
        self.client = client
        self.parallel = max(1, parallel)
        self.verification = verification
    }

    /// Puts `images` where `names` say, which may be in several repositories and registries.
    ///
    /// - Throws: `registry.unauthorized` before anything is sent; `registry.…`, `blob.…`.
    package func publish(_ images: ImageSet, to names: [Reference]) async throws(Diagnostic) {
        var repositories = [RepositoryName]()
        for name in names where !repositories.contains(name.repositoryName) { repositories.append(name.repositoryName) }
        for repository in repositories { _ = try await authorize(images, repository) }
        for (position, repository) in repositories.enumerated() {
            // Blobs that were just pushed to one repository can be mounted into the others.
            let neighbour = repositories[..<position].first { $0.registry == repository.registry }
            try await send(
                images.blobs.filter { $0.document == nil },
                to: repository,
                neighbour
            )
            for problem in try await putDocuments(of: images, to: repository) { client.options.note(problem) }
        }
        // The image's own tags come last: where they are visible, its companion is, too.
        if let companion = images.companion { try await tag(companion.top, of: images, as: companion.names) }
        try await tag(images.top, of: images, as: names)
        if verification == .readBack { for name in names { try await readBack(images.top, as: name) } }
    }

    /// Hangs what `images` has onto manifests that are in the repository already: blobs, then manifests, lists last.
    ///
    /// - Returns: why some cannot be found from their subject.
    /// - Throws: `registry.unauthorized` before anything is sent; `attached.…`, `registry.…`, `blob.…`.
    package func attach(_ images: ImageSet, to repository: RepositoryName) async throws(Diagnostic) -> [Diagnostic] {
        _ = try await authorize(images, repository)
        try await send(images.blobs.filter { $0.document == nil }, to: repository, nil)
        return try await putDocuments(of: images, to: repository)
    }

    /// Puts all manifests by digest, and then what lists them: a reader who finds one can have it.
    private func putDocuments(of images: ImageSet, to repository: RepositoryName) async throws(Diagnostic)
        -> [Diagnostic]
    {
        // These get their manifest under the tag, perhaps with more layers than they bring.
        let tagged = Set(images.tagged.compactMap { $0.original?.descriptor.digest })
        var unlisted = [UnlistedReferrer]()
        for blob in images.blobs where !tagged.contains(blob.descriptor.digest) {
            guard let bytes = blob.document else { continue }
            let name = RegistryClient.ManifestName.digest(blob.descriptor.digest)
            let referrer = try await client.putUnlisted(bytes, as: blob.descriptor, named: name, to: repository)
            if let referrer { unlisted.append(referrer) }
        }
        return try await client.list(unlisted, adding: images.tagged, in: repository)
    }

    /// - Throws: `registry.refused` if the registry does not give back what was pushed.
    private func readBack(_ top: Descriptor, as name: Reference) async throws(Diagnostic) {
        let reason: String
        do throws(Diagnostic) {
            let found = try await client.manifest(
                name.tag.map { .tag($0) } ?? .digest(top.digest),
                in: name.repositoryName
            ).descriptor.digest
            if found == top.digest { return }
            reason = "it gives \(found), and \(top.digest) was pushed"
        } catch {
            guard error.code == .manifestNotFound || error.code == .repositoryNotFound else { throw error }
            reason = error.reason ?? error.summary
        }
        throw Diagnostic(
            .registryRefused,
            "`\(name.text)` was pushed and cannot be read back",
            at: .image(name.text),
            because: reason,
            hint: "another push may have come in between, or the registry serves reads from a copy: try again"
        )
    }

    private func tag(_ top: Descriptor, of images: ImageSet, as names: [Reference]) async throws(Diagnostic) {
        guard let found = images.blobs.last(where: { $0.descriptor.digest == top.digest }),
            let bytes = found.document
        else { preconditionFailure("the top of a set of images is among its blobs") }
        for name in names {
            guard let tag = name.tag else { continue }
            try await client.tag(bytes, of: found.descriptor, as: tag, in: name.repositoryName)
        }
    }

    /// What `publish` would do under one name. Nothing is written.
    package func plan(_ images: ImageSet, for name: Reference) async throws(Diagnostic) -> PushPlan {
        let repository = name.repositoryName
        let credential = try await authorize(images, repository)
        var (steps, documents) = ([PushPlan.Step](), [PushPlan.Step]())
        for blob in images.blobs {
            if blob.document != nil {
                let known = try await client.descriptor(of: .digest(blob.descriptor.digest), in: repository)
                documents.append(PushPlan.Step(blob: blob.descriptor, action: known == nil ? .uploads : .exists))
            } else {
                let action = try await action(for: blob, repository, nil)
                steps.append(PushPlan.Step(blob: blob.descriptor, action: action))
            }
        }
        return PushPlan(credential: credential, steps: steps + documents)
    }

    private func authorize(_ images: ImageSet, _ repository: RepositoryName) async throws(Diagnostic) -> String {
        var sources = [RepositoryName]()
        for blob in images.blobs {
            guard let source = blob.remote?.repository, source.registry == repository.registry, source != repository,
                !sources.contains(source)
            else { continue }
            sources.append(source)
        }
        return try await client.authorize([.pull, .push], in: repository, sources: sources)
    }

    // MARK: Blobs

    private func send(
        _ blobs: [ImageSet.Item],
        to repository: RepositoryName,
        _ neighbour: RepositoryName?
    ) async throws(Diagnostic) {
        _ = try await concurrently(blobs, atMost: parallel) { blob async throws(Diagnostic) in
            try await send(blob, to: repository, neighbour)
        }
    }

    private func send(
        _ item: ImageSet.Item,
        to repository: RepositoryName,
        _ neighbour: RepositoryName?
    ) async throws(Diagnostic) {
        let blob = item.descriptor
        switch try await action(for: item, repository, neighbour) {
        case .exists:
            client.observer(.began(blob, .upload))
            client.observer(.ended(blob.digest, .present))
            return
        case .mounts(let source):
            if try await client.mount(blob, from: source, into: repository) {
                client.observer(.began(blob, .upload))
                client.observer(.ended(blob.digest, .mounted(from: source)))
                return
            }
        case .uploads: break
        }
        try await client.upload(blob, try await upload(of: item), to: repository)
    }

    private func action(
        for blob: ImageSet.Item,
        _ repository: RepositoryName,
        _ neighbour: RepositoryName?
    ) async throws(Diagnostic) -> PushPlan.Action {
        if try await client.has(blob.descriptor, in: repository) { return .exists }
        if let source = blob.remote?.repository, source != repository, source.registry == repository.registry {
            return .mounts(from: source)
        }
        return neighbour.map { .mounts(from: $0) } ?? .uploads
    }

    private func upload(of blob: ImageSet.Item) async throws(Diagnostic) -> any HTTPUpload {
        switch blob.content {
        case .bytes(let bytes): BytesUpload(bytes: bytes)
        case .draft(let draft): BlobUpload(blob: try LocalBlob(blob.descriptor, verified: draft, in: "."))
        case .remote(let remote): BlobUpload(blob: try await remote.fetch())
        }
    }
}

struct BytesUpload: HTTPUpload {
    let bytes: [UInt8]
    var size: Int64 { Int64(bytes.count) }

    func read(at offset: Int64, count: Int) -> [UInt8] { Array(bytes.dropFirst(Int(offset)).prefix(count)) }
}

private struct BlobUpload: HTTPUpload {
    let blob: LocalBlob
    var size: Int64 { blob.descriptor.size }

    func read(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] { try blob.read(at: offset, count: count) }
}

extension ImageSet.Item {
    /// The bytes of a blob that a registry stores as a manifest; `nil` for others. A layer with the media type of a
    /// manifest is only a blob.
    fileprivate var document: [UInt8]? {
        let type = descriptor.mediaType
        guard type.isManifest || type.isIndex, case .bytes(let bytes) = content else { return nil }
        return bytes
    }
}
