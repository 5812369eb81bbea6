package import ByteIO
package import Diagnostics
package import OCI
package import Store
import Synchronization

/// One image, or an index of several, in a registry's repository. Fetched blobs are stored in the cache, if there is one.
package final class RegistryProvider: ImageProvider {
    package var name: String { reference.text }
    package var repository: RepositoryName? { reference.repositoryName }

    private typealias Shared<Value: Sendable> = Task<Result<Value, Diagnostic>, Never>

    private struct Wanted: Hashable {
        let digest: Digest
        let size: Int64
    }

    private struct State {
        var top: Shared<Descriptor>?
        /// The blobs that are being fetched.
        var blobs: [Wanted: Shared<LocalBlob>] = [:]
        /// Documents that were read and are not in a cache.
        var documents: [Digest: [UInt8]] = [:]
        var documentSize = 0
    }

    /// Size limit of the documents in memory, in bytes; others are fetched again.
    private static let mostDocuments = 32 << 20

    private let reference: Reference
    private let client: RegistryClient
    private let cache: BlobCache?
    private let drafts: FilePath
    private let sources: AllowedSources
    private let state = Mutex(State())

    /// - Parameters:
    ///   - drafts: the directory for downloads that no cache takes.
    ///   - sources: whether more than the cache may be read.
    package init(
        _ reference: Reference,
        _ client: RegistryClient,
        cache: BlobCache?,
        drafts: FilePath,
        sources: AllowedSources = .everywhere
    ) {
        self.reference = reference
        self.client = client
        self.cache = cache
        self.drafts = cache.map { $0.isWritable ? $0.draftDirectory : drafts } ?? drafts
        self.sources = sources
    }

    // MARK: Documents

    /// - Throws: `manifest.not-found`, `offline.missing`; `registry.…`.
    package func top() async throws(Diagnostic) -> Descriptor {
        let task = state.withLock { state in
            if let task = state.top { return task }
            let task = Shared<Descriptor> {
                await Self.outcome { () async throws(Diagnostic) in try await self.findTop() }
            }
            state.top = task
            return task
        }
        return try await value(of: task)
    }

    private func findTop() async throws(Diagnostic) -> Descriptor {
        // The content of a digest never changes; that of a tag may have changed.
        if reference.digest != nil || sources == .cacheOnly, let known = try cache?.descriptor(of: reference),
            reference.digest == nil || reference.digest == known.digest, try cache?.document(known) != nil
        {
            return known
        }
        guard sources == .everywhere else { throw missing("the manifest of `\(reference.normalized)`") }
        let manifest: RegistryClient.ManifestName
        switch (reference.digest, reference.tag) {
        case (let digest?, _): manifest = .digest(digest)
        case (nil, let tag): manifest = .tag(tag ?? "latest")
        }
        // Docker Hub counts reads of manifests, and does not count requests for the digest alone.
        if let cache, let now = try await client.statedDescriptor(of: manifest, in: reference.repositoryName),
            try cache.document(now) != nil
        {
            try cache.remember(now, for: reference)
            return now
        }
        let (descriptor, bytes) = try await client.manifest(manifest, in: reference.repositoryName)
        try keep(bytes, of: descriptor)
        try cache?.remember(descriptor, for: reference)
        return descriptor
    }

    /// - Throws: `blob.too-large`, `blob.size`, `offline.missing`; `registry.…`.
    package func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8] {
        guard blob.size <= 4 << 20 else {
            throw Diagnostic(
                .blobTooLarge,
                "a document is too large",
                at: .blob(blob.digest.description),
                because: "\(blob.size) bytes; at most 4 MiB are read"
            )
        }
        if let bytes = state.withLock({ $0.documents[blob.digest] }) { return try checked(bytes, blob) }
        if let bytes = try cache?.document(blob) { return bytes }
        guard sources == .everywhere else { throw missing("the document \(blob.digest) of `\(reference.normalized)`") }
        let bytes: [UInt8]
        if blob.mediaType.isManifest || blob.mediaType.isIndex {
            bytes = try await client.manifest(.digest(blob.digest), in: reference.repositoryName).bytes
        } else {
            bytes = try await client.document(blob, in: reference.repositoryName)
        }
        try keep(try checked(bytes, blob), of: blob)
        return bytes
    }

    /// Compares the size; the client has already compared the digest.
    private func checked(_ bytes: [UInt8], _ blob: Descriptor) throws(Diagnostic) -> [UInt8] {
        guard Int64(bytes.count) == blob.size else {
            throw Diagnostic(
                .blobSize,
                "a document does not have the size that its descriptor states",
                at: .blob(blob.digest.description),
                because: "it has \(bytes.count) bytes; expected \(blob.size)"
            )
        }
        return bytes
    }

    private func keep(_ bytes: [UInt8], of blob: Descriptor) throws(Diagnostic) {
        if let cache, try cache.insert(bytes, as: blob) { return }
        state.withLock { state in
            guard state.documentSize + bytes.count <= Self.mostDocuments, state.documents[blob.digest] == nil else {
                return
            }
            state.documentSize += bytes.count
            state.documents[blob.digest] = bytes
        }
    }

    /// Number of tags that are asked for one by one. For more, the registry's list of all tags is read first.
    private static let fewTags = 48

    package func siblings(tagged tags: [String]) async throws(Diagnostic) -> [String: Descriptor] {
        guard sources == .everywhere else { throw missing("what is tagged beside `\(reference.normalized)`") }
        let (client, repository) = (client, reference.repositoryName)
        var wanted = tags
        if tags.count > Self.fewTags, let all = try? await client.tags(in: repository) {
            let all = Set(all)
            wanted = tags.filter { all.contains($0) }
        }
        let found = try await concurrently(wanted, atMost: 6) { tag async throws(Diagnostic) -> Descriptor? in
            do throws(Diagnostic) {
                return try await client.descriptor(of: .tag(tag), in: repository)
            } catch {
                // GHCR answers 403 for some that are absent, and others keep such tags to themselves.
                guard error.code == .registryDenied || error.code == .manifestUnsupported else { throw error }
                var note = Diagnostic(
                    .attachedUnknown,
                    "it is not known whether `\(repository):\(tag)` is there",
                    at: .image("\(repository):\(tag)"),
                    because: error.reason ?? error.summary
                )
                note.hint = error.hint
                client.options.note(note)
                return nil
            }
        }
        return Dictionary(zip(wanted, found).compactMap { tag, found in found.map { (tag, $0) } }) { first, _ in first }
    }

    // MARK: Blobs

    /// - Throws: `blob.not-found`, `blob.digest`, `offline.missing`; `registry.…`.
    package func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob {
        let wanted = Wanted(digest: blob.digest, size: blob.size)
        let task = state.withLock { state in
            if let task = state.blobs[wanted] { return task }
            let task = Shared<LocalBlob> {
                let outcome = await Self.outcome { () async throws(Diagnostic) in try await self.fetch(blob) }
                self.state.withLock { $0.blobs[wanted] = nil }
                return outcome
            }
            state.blobs[wanted] = task
            return task
        }
        return try await value(of: task)
    }

    private func fetch(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob {
        if let known = try cache?.blob(blob) { return known }
        guard sources == .everywhere else { throw missing("the blob \(blob.digest) of `\(reference.normalized)`") }
        let draft = try await client.download(blob, from: reference.repositoryName, into: drafts)
        if let cache { return try cache.insert(draft, as: blob) }
        return try LocalBlob(blob, verified: draft, in: drafts)
    }

    /// Asks the registry even if the cache has the blob: a push needs it in the registry.
    package func holds(_ blob: Descriptor) async throws(Diagnostic) -> Bool {
        if sources == .cacheOnly { return try cache?.blob(blob) != nil }
        return try await client.has(blob, in: reference.repositoryName)
    }

    package func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor] {
        guard sources == .everywhere else { throw missing("the list of referrers of \(digest)") }
        return try await client.referrers(of: digest, in: reference.repositoryName)
    }

    // MARK: Tasks

    /// Waits for work that others may be waiting for, too. A cancellation cancels it for all of them.
    private func value<Value: Sendable>(of task: Shared<Value>) async throws(Diagnostic) -> Value {
        switch await withTaskCancellationHandler(operation: { await task.value }, onCancel: { task.cancel() }) {
        case .success(let value): return value
        case .failure(let error): throw error
        }
    }

    private static func outcome<Value: Sendable>(
        _ work: () async throws(Diagnostic) -> Value
    ) async -> Result<Value, Diagnostic> {
        do throws(Diagnostic) {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }

    private func missing(_ what: String) -> Diagnostic {
        Diagnostic(
            .offlineMissing,
            "\(what) is not in the cache",
            at: .image(reference.text),
            because: "`--offline` forbids asking `\(reference.registry)`",
            hint: "fetch it once without `--offline`: `coracle pull \(reference.text) -o DIRECTORY`"
        )
    }
}

extension Diagnostic.Code {
    static let attachedUnknown = Self("attached.unknown", .network)
    package static let offlineMissing = Self("offline.missing", .notFound)
}
