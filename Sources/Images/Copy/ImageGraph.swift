import Check
import Diagnostics
import OCI
import Store

/// Everything below one manifest or index, as a destination wants it: what refers to another blob comes after it.
///
/// Documents are read here and verified; layers and configs stay where they are until they are wanted.
struct ImageGraph {
    private let provider: any ImageProvider
    private var blobs: [(Descriptor, ImageSet.Blob)] = []
    private var listings: [ImageSet.Listing] = []
    private var seen: Set<Digest> = []
    private var referrers: [Descriptor] = []
    private var elsewhere: [Descriptor] = []

    /// Indexes within indexes are followed so deep; a made one could go on for ever.
    private static let deepestIndex = 4
    /// Manifests and indexes in all: they are held in memory.
    private static let mostDocuments = 2000
    private static let mostReferrers = 1000

    private init(_ provider: any ImageProvider) { self.provider = provider }

    /// What `provider` has, with all platforms, or with one.
    ///
    /// - Parameter referrers: whether signatures and documents about the image come along, and those about these.
    /// - Throws: `image.platform-missing`, `image.not-an-image`, `image.too-deep`, `image.too-large`; what the provider
    ///   throws.
    static func read(
        _ provider: any ImageProvider,
        platform: Platform? = nil,
        referrers: Bool = false
    ) async throws(Diagnostic) -> ImageSet {
        var top = try await provider.top()
        if let platform {
            var choice = PlatformChoice(provider, platform)
            top = try await choice.choose(from: top)
        }
        var graph = ImageGraph(provider)
        try await graph.add(top, depth: 0)
        if referrers { try await graph.addReferrers(depth: 2) }
        var set = ImageSet(top: top, names: [], listings: graph.listings, blobs: graph.blobs)
        set.referrers = graph.referrers
        set.elsewhere = graph.elsewhere
        return set
    }

    private mutating func add(_ document: Descriptor, depth: Int) async throws(Diagnostic) {
        guard seen.insert(document.digest).inserted else { return }
        guard seen.count <= Self.mostDocuments else {
            throw Diagnostic(
                .imageTooLarge,
                "`\(provider.name)` has more than \(Self.mostDocuments) manifests",
                because: "they are all held in memory",
                hint: "choose one image with `--platform`"
            )
        }
        if document.mediaType.isManifest {
            try await addManifest(document)
        } else if document.mediaType.isIndex {
            guard depth < Self.deepestIndex else {
                throw Diagnostic(
                    .imageTooDeep,
                    "indexes are nested too deep",
                    at: .blob(document.digest.description),
                    because: "at most \(Self.deepestIndex) are followed"
                )
            }
            let bytes = try await provider.document(document)
            for child in try Document<Index>(decoding: bytes, of: document).content.manifests {
                try await add(child, depth: depth + 1)
            }
            blobs.append((document, .bytes(bytes)))
        } else if depth > 0 {
            // Beside images, an index may have other things.
            blobs.append((document, .remote(ImageSet.RemoteBlob(document, of: provider))))
        } else {
            throw Diagnostic(
                .imageNotAnImage,
                "`\(provider.name)` has an entry that is neither a manifest nor an index",
                at: .blob(document.digest.description),
                because: "its media type is `\(document.mediaType.rawValue)`"
            )
        }
    }

    private mutating func addManifest(_ document: Descriptor) async throws(Diagnostic) {
        let bytes = try await provider.document(document)
        let manifest = try Document<Manifest>(decoding: bytes, of: document).content
        for blob in manifest.layers + [manifest.config] {
            // What its maker keeps need not be with the image, and is as little with the copy.
            if blob.isKeptElsewhere, try await !holds(blob) {
                if !elsewhere.contains(where: { $0.digest == blob.digest }) { elsewhere.append(blob) }
                continue
            }
            blobs.append((blob, .remote(ImageSet.RemoteBlob(blob, of: provider))))
        }
        blobs.append((document, .bytes(bytes)))
        if manifest.config.mediaType.isImageConfig, manifest.subject == nil, !document.isAttestation {
            listings.append(ImageSet.Listing(config: manifest.config, layers: manifest.layers))
        }
    }

    private func holds(_ blob: Descriptor) async throws(Diagnostic) -> Bool {
        do throws(Diagnostic) {
            return try await provider.holds(blob)
        } catch {
            guard error.code == .blobMissing || error.code.category == .notFound else { throw error }
            return false
        }
    }

    /// Adds what is about the manifests that are there; after that, `depth - 1` times, what is about that.
    private mutating func addReferrers(depth: Int) async throws(Diagnostic) {
        var subjects = seen
        for _ in 0..<depth {
            let known = seen
            for subject in subjects.sorted(by: { $0.hex < $1.hex }) {
                for referrer in try await provider.referrers(of: subject) where !seen.contains(referrer.digest) {
                    guard referrers.count < Self.mostReferrers else {
                        throw Diagnostic(
                            .imageTooLarge,
                            "`\(provider.name)` has more than \(Self.mostReferrers) referrers",
                            hint: "copy it without `--referrers`"
                        )
                    }
                    try await add(referrer, depth: 0)
                    referrers.append(try await typed(referrer))
                }
            }
            subjects = seen.subtracting(known)
        }
    }
}

extension ImageGraph {
    /// With the type of what it is: without one, a layout's entry would be taken for an image without a name.
    private func typed(_ referrer: Descriptor) async throws(Diagnostic) -> Descriptor {
        guard referrer.artifactType == nil, referrer.mediaType.isManifest else { return referrer }
        let bytes = try await provider.document(referrer)
        let manifest = try Document<Manifest>(decoding: bytes, of: referrer).content
        var referrer = referrer
        referrer.artifactType = manifest.artifactType ?? manifest.config.mediaType
        return referrer
    }
}
