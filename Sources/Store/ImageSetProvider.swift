package import ByteIO
package import Diagnostics
package import OCI

/// Images on their way to a destination, as if they were somewhere already: for what looks at them before they are published.
package struct ImageSetProvider: ImageProvider {
    package let name: String
    package var repository: RepositoryName? { nil }

    private static let documentLimit: Int64 = 4 << 20

    private let images: ImageSet
    private let drafts: FilePath

    /// - Parameters:
    ///   - name: what messages call them.
    ///   - drafts: where the files of blobs are, or are written, that have no name yet.
    package init(_ images: ImageSet, called name: String, drafts: FilePath) {
        self.images = images
        self.name = name
        self.drafts = drafts
    }

    package func top() async throws(Diagnostic) -> Descriptor { images.top }

    package func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8] {
        if case .bytes(let bytes) = try item(blob).content { return bytes }
        guard blob.size <= Self.documentLimit else { throw missing(blob) }
        return try await self.blob(blob).verified().read(at: 0, count: Int(blob.size))
    }

    package func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob {
        switch try item(blob).content {
        case .draft(let draft): return try LocalBlob(blob, verified: draft, in: drafts)
        case .remote(let remote): return try await remote.fetch()
        case .bytes(let bytes):
            var draft = try BlobDraft(in: drafts)
            try draft.write(bytes)
            return try LocalBlob(blob, verified: draft.seal(), in: drafts)
        }
    }

    package func holds(_ blob: Descriptor) async throws(Diagnostic) -> Bool {
        images.blobs.contains { $0.descriptor.digest == blob.digest }
    }

    package func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor] { [] }

    package func existing(tags: [String]) async throws(Diagnostic) -> [String] { [] }

    private func item(_ blob: Descriptor) throws(Diagnostic) -> ImageSet.Item {
        guard let item = images.blobs.first(where: { $0.descriptor.digest == blob.digest }) else { throw missing(blob) }
        return item
    }

    private func missing(_ blob: Descriptor) -> Diagnostic {
        Diagnostic(
            .blobMissing,
            "`\(name)` lacks the blob \(blob.digest)",
            at: .blob(blob.digest.description),
            because: "it is not among the blobs that are published"
        )
    }
}
