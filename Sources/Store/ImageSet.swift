package import ByteIO
package import Diagnostics
package import OCI

/// Finished images on their way to a destination: their blobs, and the names they get there.
package struct ImageSet: Sendable {
    /// A blob that a destination is to hold.
    package enum Blob: Sendable {
        case draft(SealedDraft)
        case bytes([UInt8])
        /// A blob that is elsewhere and is fetched if the destination needs it.
        case remote(RemoteBlob)
    }

    /// A blob, and where its bytes are.
    package struct Item: Sendable {
        package let descriptor: Descriptor
        package let content: Blob

        /// Where it is fetched from; `nil` if its bytes are at hand.
        package var remote: RemoteBlob? {
            if case .remote(let blob) = content { blob } else { nil }
        }

        /// The file without a name that has its bytes; `nil` if they are elsewhere.
        var draft: SealedDraft? {
            if case .draft(let draft) = content { draft } else { nil }
        }
    }

    /// A blob that is stored elsewhere, such as a base's layer in a registry.
    package struct RemoteBlob: Sendable {
        /// The registry's repository that has it, which is not asked for its bytes if it can be mounted from there.
        package let repository: RepositoryName?
        private let source: Source

        private enum Source: Sendable {
            case provider(any ImageProvider, Descriptor)
            case here(LocalBlob)
        }

        package init(_ blob: Descriptor, of provider: any ImageProvider) {
            repository = provider.repository
            source = .provider(provider, blob)
        }

        /// One that is on this machine already, and perhaps in a registry's repository, too.
        package init(_ blob: LocalBlob, in repository: RepositoryName? = nil) {
            self.repository = repository
            source = .here(blob)
        }

        /// Whether its file is the one at `path`, and known to be what it is to be.
        func isVerified(at path: FilePath) -> Bool {
            guard case .here(let blob) = source else { return false }
            return blob.isVerified(at: path)
        }

        /// Brings it to this machine.
        package func fetch() async throws(Diagnostic) -> LocalBlob {
            switch source {
            case .provider(let provider, let blob): try await provider.blob(blob)
            case .here(let blob): blob
            }
        }
    }

    /// One image as an archive's `manifest.json` lists it.
    package struct Listing: Sendable {
        package let config: Descriptor
        package let layers: [Descriptor]

        package init(config: Descriptor, layers: [Descriptor]) {
            self.config = config
            self.layers = layers
        }

        package init(_ image: ImageDocuments.Image) {
            self.init(config: image.config.descriptor, layers: image.manifest.content.layers)
        }
    }

    /// More images that go where these go, under names of their own in the same repositories.
    package struct Companion: Sendable {
        package let top: Descriptor
        package let names: [Reference]
        package let listings: [Listing]

        package init(top: Descriptor, names: [Reference], listings: [Listing]) {
            self.top = top
            self.names = names
            self.listings = listings
        }
    }

    /// In the order they are to arrive: what refers to another blob comes after it.
    package private(set) var blobs: [Item] = []

    /// What the names point to: the image's manifest, or the index of several.
    package var top: Descriptor

    /// Full references, such as `docker.io/library/server:1.0`; empty for an image without a name.
    package var names: [Reference]

    /// The images, the one that a loader without a choice should take first.
    package var listings: [Listing]

    /// Manifests about the images, such as signatures: a layout lists them beside the images.
    package var referrers: [Descriptor] = []

    /// Signatures and attestations that have tags of their own, and are added to what has these tags. The blobs of their layers
    /// are among `blobs`, and so are the manifests that are copied.
    package var tagged: [TaggedLayers] = []

    /// What the user should know about them.
    package var notes: [Diagnostic] = []

    /// Layers that are not among `blobs`: they are not distributed with their images, and their makers have them.
    package var elsewhere: [Descriptor] = []

    /// What stands beside the images; its blobs are among `blobs`.
    package var companion: Companion?

    package init(top: Descriptor, names: [Reference], listings: [Listing], blobs: [(Descriptor, Blob)]) {
        self.top = top
        self.names = names
        self.listings = listings
        var seen = Set<Digest>()
        for (descriptor, content) in blobs where seen.insert(descriptor.digest).inserted {
            self.blobs.append(Item(descriptor: descriptor, content: content))
        }
    }

    /// The same images with what hangs on them; its blobs come behind theirs.
    package func attaching(_ attached: ImageSet) -> ImageSet {
        var images = self
        var known = Set(images.blobs.map(\.descriptor.digest))
        images.blobs += attached.blobs.filter { known.insert($0.descriptor.digest).inserted }
        images.referrers += attached.referrers
        return images
    }

    /// The same images, with documents that `isMissing` chooses written to files without names in `directory`: at most 64, as
    /// each keeps a file open.
    func writingDocuments(
        in directory: FilePath,
        where isMissing: (Descriptor) -> Bool
    ) throws(Diagnostic) -> ImageSet {
        var images = self
        var count = 0
        for (index, item) in blobs.enumerated() where count < 64 {
            guard case .bytes(let bytes) = item.content, isMissing(item.descriptor) else { continue }
            count += 1
            var draft = try BlobDraft(in: directory)
            try draft.write(bytes)
            images.blobs[index] = Item(descriptor: item.descriptor, content: .draft(draft.seal()))
        }
        return images
    }

    /// The manifests of the images and of their index, which is the last.
    ///
    /// - Throws: `json.…` for an index that cannot be read.
    package func manifests() throws(Diagnostic) -> [Descriptor] { try manifests(under: top) }

    /// The same for another manifest or index among the blobs.
    package func manifests(under top: Descriptor) throws(Diagnostic) -> [Descriptor] {
        guard top.mediaType.isIndex, let item = blobs.last(where: { $0.descriptor.digest == top.digest }),
            case .bytes(let bytes) = item.content
        else { return [top] }
        var seen = Set([top.digest])
        let images = try Document<Index>(decoding: bytes, of: top).content.manifests
        return images.filter { seen.insert($0.digest).inserted } + [top]
    }

    /// The entries for `index.json`: one a name, or one without a name.
    package var entries: [Descriptor] {
        guard !names.isEmpty else { return [top] + referrers }
        let beside = companion.map { Self.entries(for: $0.top, $0.names) } ?? []
        return Self.entries(for: top, names) + beside + referrers
    }

    /// Entries that name the images by their digest, each repository once.
    var digestEntries: [Descriptor] {
        var seen = Set<RepositoryName>()
        return names.filter { seen.insert($0.repositoryName).inserted }.map { name in
            var entry = top
            entry.annotations = [AnnotationKey.containerdImageName: "\(name.repositoryName)@\(top.digest)"]
            return entry
        }
    }

    /// The entries for the manifests that have tags of their own, as they are copied.
    var taggedEntries: [Descriptor] {
        tagged.compactMap { layers in
            guard var entry = layers.original?.descriptor else { return nil }
            entry.annotations = [AnnotationKey.refName: layers.tag.name]
            return entry
        }
    }

    private static func entries(for top: Descriptor, _ names: [Reference]) -> [Descriptor] {
        names.map { name in
            var entry = top
            var annotations = entry.annotations ?? [:]
            annotations[AnnotationKey.refName] = name.tag
            annotations[AnnotationKey.containerdImageName] = name.normalized
            entry.annotations = annotations
            return entry
        }
    }
}
