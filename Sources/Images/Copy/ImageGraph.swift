import Check
import Diagnostics
import OCI
import Registry
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
    private var tagged: [TaggedLayers] = []
    private var absent: Set<Digest> = []
    private var notes: [Diagnostic] = []
    private var elsewhere: [Descriptor] = []

    /// Indexes within indexes are followed so deep; a made one could go on for ever.
    private static let deepestIndex = 4
    /// Manifests and indexes in all: they are held in memory.
    private static let mostDocuments = 2000
    private static let mostReferrers = 1000
    /// What is about an image, what is about that, and so on, is followed so far.
    private static let deepestReferrer = 4

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
        if referrers { try await graph.addAttached() }
        var set = ImageSet(top: top, names: [], listings: graph.listings, blobs: graph.blobs)
        set.referrers = graph.referrers
        set.tagged = graph.tagged
        set.notes = graph.notes
        set.elsewhere = graph.elsewhere
        return set
    }

    /// These manifests of what `provider` has, with what they refer to; of what is not distributed with them, nothing.
    static func read(
        _ provider: any ImageProvider,
        only documents: [Descriptor]
    ) async throws(Diagnostic) -> (listings: [ImageSet.Listing], blobs: [(Descriptor, ImageSet.Blob)]) {
        var graph = ImageGraph(provider)
        for document in documents { try await graph.add(document, depth: 1) }
        return (graph.listings, graph.blobs)
    }

    /// - Parameter isImage: false for what is about an image: loaders are not to take it for one.
    private mutating func add(
        _ document: Descriptor,
        depth: Int,
        isImage: Bool = true
    ) async throws(Diagnostic) {
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
            try await addManifest(document, isImage)
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
                try await add(child, depth: depth + 1, isImage: isImage)
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

    private mutating func addManifest(_ document: Descriptor, _ isImage: Bool) async throws(Diagnostic) {
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
        if isImage, manifest.config.mediaType.isImageConfig, manifest.subject == nil, !document.isAttestation {
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

    /// Adds what is about the manifests that are there, and what is about that: referrers, and what has cosign's tags.
    private mutating func addAttached() async throws(Diagnostic) {
        var subjects = seen.sorted { $0.hex < $1.hex }
        for _ in 0..<Self.deepestReferrer {
            let found = try await provider.attached(to: subjects)
            let known = seen
            for referrer in found.referrers where !seen.contains(referrer.digest) {
                guard referrers.count < Self.mostReferrers else {
                    throw Diagnostic(
                        .imageTooLarge,
                        "`\(provider.name)` has more than \(Self.mostReferrers) referrers",
                        hint: "copy it without `--referrers`"
                    )
                }
                guard try await addIfPresent(referrer) else { continue }
                referrers.append(try await typed(referrer))
            }
            for (tag, manifest) in found.tagged where !tagged.contains(where: { $0.tag == tag }) {
                guard manifest.mediaType.isManifest else {
                    noteTaken(tag, manifest)
                    continue
                }
                guard try await addIfPresent(manifest) else { continue }
                let bytes = try await provider.document(manifest)
                tagged.append(TaggedLayers(tag, copying: try Document<Manifest>(decoding: bytes, of: manifest)))
            }
            subjects = seen.subtracting(known).sorted { $0.hex < $1.hex }
            guard !subjects.isEmpty else { return }
        }
        let found = try await provider.attached(to: subjects)
        guard !found.tagged.isEmpty || found.referrers.contains(where: { !seen.contains($0.digest) }) else { return }
        notes.append(
            Diagnostic(
                .copyReferrersDeep,
                "documents about documents about documents stay behind",
                at: .image(provider.name),
                because: "they are followed \(Self.deepestReferrer) times, and there are more"
            )
        )
    }

    private mutating func noteTaken(_ tag: AttachedTag, _ found: Descriptor) {
        var note = Diagnostic.attachedTagTaken(tag.name, because: "it is `\(found.mediaType)`, and not a manifest")
        note.subject = .image(provider.name)
        if !notes.contains(note) { notes.append(note) }
    }

    /// False for what a list names and the registry does not have: lists outlive their entries.
    private mutating func addIfPresent(_ document: Descriptor) async throws(Diagnostic) -> Bool {
        guard !absent.contains(document.digest) else { return false }
        let before = self
        do throws(Diagnostic) {
            try await add(document, depth: 0, isImage: false)
            return true
        } catch {
            guard [.manifestNotFound, .blobNotFound, .blobMissing].contains(error.code) else { throw error }
            self = before
            absent.insert(document.digest)
            notes.append(
                Diagnostic(
                    .copyReferrerAbsent,
                    "a document about the image is listed, and is not there: \(document.digest)",
                    at: .image(provider.name),
                    because: error.summary
                )
            )
            return false
        }
    }

    /// With the type of what it is, whatever the list says; a layout's entry without one would be taken for an image
    /// without a name.
    private func typed(_ referrer: Descriptor) async throws(Diagnostic) -> Descriptor {
        var referrer = referrer
        referrer.annotations?[AnnotationKey.refName] = nil
        referrer.annotations?[AnnotationKey.containerdImageName] = nil
        if referrer.annotations?.isEmpty ?? false { referrer.annotations = nil }
        let bytes = try await provider.document(referrer)
        if referrer.mediaType.isManifest {
            let manifest = try Document<Manifest>(decoding: bytes, of: referrer).content
            referrer.artifactType = manifest.artifactType ?? manifest.config.mediaType
        } else {
            let type = try Document<Index>(decoding: bytes, of: referrer).content.artifactType
            referrer.artifactType = type ?? referrer.artifactType ?? referrer.mediaType
        }
        return referrer
    }
}

extension Diagnostic.Code {
    static let copyReferrerAbsent = Self("copy.referrer-absent", .notFound)
    static let copyReferrersDeep = Self("copy.referrers-deep", .verification)
}
