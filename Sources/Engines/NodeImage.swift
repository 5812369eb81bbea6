import ByteIO
import Diagnostics
import Images
import OCI
import Store

/// What of an image one machine needs.
struct NodeImage {
    /// The image, with the layers of one platform only.
    let images: ImageSet
    /// The platform of the image that was chosen; `nil` if it does not say.
    let platform: Platform?

    /// Indexes within indexes are followed so deep.
    private static let deepestIndex = 4

    /// Chooses the image for `platform`.
    ///
    /// - Parameters:
    ///   - keepsIndex: whether an index stays, so that the image is found by the digest that it has in registries.
    ///   - keepsOthers: whether the manifests and configs of the other platforms stay with it. Their layers are left out.
    /// - Throws: `image.platform-missing`.
    init(of images: ImageSet, for platform: Platform, keepsIndex: Bool, keepsOthers: Bool) async throws(Diagnostic) {
        var there = [Platform]()
        let isIndex = images.top.mediaType.isIndex
        // The only image is taken whatever it is for: its user may have an emulator.
        var found: Descriptor? = images.top
        if isIndex { found = try await Self.choose(platform, from: images.top, images, depth: 0, &there) }
        guard let chosen = found else {
            throw Diagnostic(
                .imagePlatformMissing,
                "the image has nothing for \(platform)",
                at: .image(images.names.first?.text ?? images.top.digest.description),
                because: there.isEmpty
                    ? "it holds no image" : "it has " + there.prefix(20).map(\.description).joined(separator: ", "),
                hint: there.first.map { "load another one with `--platform \($0)`" }
            )
        }
        let manifest = try Self.manifest(chosen, images)
        let wanted = Set([manifest.config.digest, chosen.digest] + manifest.layers.map(\.digest))
        let blobs = images.blobs.filter { item in
            if wanted.contains(item.descriptor.digest) { return true }
            // Documents are small, and programs that look at all platforms want them.
            let type = item.descriptor.mediaType
            guard isIndex, keepsIndex else { return false }
            return type.isIndex || keepsOthers && (type.isManifest || type.isImageConfig)
        }
        var top = images.top
        if isIndex, !keepsIndex {
            top = chosen
            top.annotations = images.top.annotations
        }
        var node = ImageSet(
            top: top,
            names: images.names,
            listings: [ImageSet.Listing(config: manifest.config, layers: manifest.layers)],
            blobs: blobs.map { ($0.descriptor, $0.content) }
        )
        node.elsewhere = images.elsewhere
        self.images = node
        self.platform = isIndex ? platform : try await Self.platform(of: chosen, images)
    }

    private static func choose(
        _ wanted: Platform,
        from entry: Descriptor,
        _ images: ImageSet,
        depth: Int,
        _ there: inout [Platform]
    ) async throws(Diagnostic) -> Descriptor? {
        guard !entry.isAttestation else { return nil }
        if entry.mediaType.isManifest {
            guard let own = try await platform(of: entry, images) else { return nil }
            if own.matches(wanted) { return entry }
            if !there.contains(own) { there.append(own) }
            return nil
        }
        guard entry.mediaType.isIndex, depth < deepestIndex else { return nil }
        let index = try Document<Index>(decoding: try await bytes(entry, images), of: entry).content
        for child in index.manifests {
            if let found = try await choose(wanted, from: child, images, depth: depth + 1, &there) { return found }
        }
        return nil
    }

    /// What an index says of the image, else what its config says; `nil` if it is not an image.
    private static func platform(of entry: Descriptor, _ images: ImageSet) async throws(Diagnostic) -> Platform? {
        if let platform = entry.platform { return platform }
        let manifest = try manifest(entry, images)
        guard manifest.isImage else { return nil }
        let config = try await bytes(manifest.config, images)
        return try Document<ImageConfig>(decoding: config, of: manifest.config).content.platform
    }

    private static func manifest(_ entry: Descriptor, _ images: ImageSet) throws(Diagnostic) -> Manifest {
        guard case .bytes(let bytes)? = images.blobs.first(where: { $0.descriptor.digest == entry.digest })?.content
        else { throw missing(entry) }
        return try Document<Manifest>(decoding: bytes, of: entry).content
    }

    private static func bytes(_ blob: Descriptor, _ images: ImageSet) async throws(Diagnostic) -> [UInt8] {
        switch images.blobs.first(where: { $0.descriptor.digest == blob.digest })?.content {
        case .bytes(let bytes)?: return bytes
        case .remote(let remote)?:
            guard blob.size <= Int64(Document<ImageConfig>.largest) else { throw missing(blob) }
            return try await remote.fetch().verified().read(at: 0, count: Int(blob.size))
        case .draft(let draft)?:
            guard blob.size <= Int64(Document<ImageConfig>.largest) else { throw missing(blob) }
            return try draft.bytes(at: 0, count: Int(draft.size))
        case nil: throw missing(blob)
        }
    }

    private static func missing(_ blob: Descriptor) -> Diagnostic {
        Diagnostic(.blobMissing, "the image lacks a document: \(blob.digest)", at: .blob(blob.digest.description))
    }
}
