import Check
package import Diagnostics
package import OCI
package import Store

/// The documents of one image for one platform, and of the index that it was found in.
package final class PlatformImage: Sendable {
    /// As the index names it, with what the index says of it; the provider's own descriptor for an image alone.
    package let entry: Descriptor
    /// The uppermost index; `nil` for an image alone.
    package let index: Document<Index>?
    package let manifest: Document<Manifest>
    package let config: Document<ImageConfig>

    /// What the config says; more counts than an index's word.
    package var platform: Platform { config.content.platform }
    package var digest: Digest { manifest.descriptor.digest }

    /// Takes the documents as they are.
    package init(
        entry: Descriptor,
        index: Document<Index>? = nil,
        manifest: Document<Manifest>,
        config: Document<ImageConfig>
    ) {
        self.entry = entry
        self.index = index
        self.manifest = manifest
        self.config = config
    }

    private static let deepestIndex = 4
    /// Manifests and configs are held in memory.
    private static let most = 500

    /// All images of `provider`, in the order of its index. Build records, signatures and other artifacts are passed over.
    ///
    /// - Throws: `image.too-large`, `image.too-deep`; `json.…`, and what the provider throws.
    package static func all(of provider: any ImageProvider) async throws(Diagnostic) -> [PlatformImage] {
        var search = Search(provider: provider)
        try await search.add(try await provider.top(), depth: 0)
        return search.images
    }

    private struct Search {
        let provider: any ImageProvider
        var top: Document<Index>?
        var images: [PlatformImage] = []
        private var seen: Set<Digest> = []

        init(provider: any ImageProvider) { self.provider = provider }

        mutating func add(_ entry: Descriptor, depth: Int) async throws(Diagnostic) {
            guard !entry.isAttestation, seen.insert(entry.digest).inserted else { return }
            if entry.mediaType.isIndex {
                guard depth < PlatformImage.deepestIndex else {
                    throw refusal(
                        .imageTooDeep,
                        "at most \(PlatformImage.deepestIndex) indexes in each other are followed"
                    )
                }
                let index = try Document<Index>(decoding: try await provider.document(entry), of: entry)
                if depth == 0 { top = index }
                for child in index.content.manifests { try await add(child, depth: depth + 1) }
                return
            }
            // Beside images, an index may have other things.
            guard entry.mediaType.isManifest, entry.artifactType == nil else { return }
            let manifest = try Document<Manifest>(decoding: try await provider.document(entry), of: entry)
            guard manifest.content.isImage else { return }
            guard images.count < PlatformImage.most else {
                throw refusal(.imageTooLarge, "it has more than \(PlatformImage.most) images, which are held in memory")
            }
            let bytes = try await provider.document(manifest.content.config)
            let config = try Document<ImageConfig>(decoding: bytes, of: manifest.content.config)
            images.append(PlatformImage(entry: entry, index: top, manifest: manifest, config: config))
        }

        private func refusal(_ code: Diagnostic.Code, _ reason: String) -> Diagnostic {
            Diagnostic(
                code,
                "`\(provider.name)` is not an index that can be read as a whole",
                at: .image(provider.name),
                because: reason
            )
        }
    }
}
