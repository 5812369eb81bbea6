import Archive
package import ByteIO
import Check
package import Diagnostics
package import Layers
import OCI
package import Store

/// The same images with layers that are compressed in another way: no byte of a tar or of a configuration changes, and so
/// the diffIDs stay. The manifests' digests do not.
package struct ImageRecompression: Sendable {
    private let codec: LayerCodec
    private let compressor: TarCompressor

    /// - Parameter cores: how many blocks to work on at a time.
    /// - Throws: `recompress.refused` for a format that needs more than the tar.
    package init(_ codec: LayerCodec, cores: Int) throws(Diagnostic) {
        guard !codec.isIndexed else {
            throw Diagnostic(
                .recompressRefused,
                "a finished image does not become \(codec.rawValue)",
                at: .option("--compression"),
                because: codec.keepsTar
                    ? "its index is made of the files when a layer is built"
                    : "its index is in the layer's tar, and the copy would be another image",
                hint: "build the image with `--compression \(codec.rawValue)`, or use `--compression zstd` here"
            )
        }
        self.codec = codec
        compressor = TarCompressor(codec, cores: cores)
    }

    /// `images`, their layers compressed. Layers that have the format already stay as they are.
    ///
    /// - Parameter drafts: where layers are written until they are where they go.
    /// - Throws: `blob.…`, `layer.…`, `recompress.disagrees` for a tar that is not what the configuration says.
    package func applied(to images: ImageSet, draftsIn drafts: FilePath) async throws(Diagnostic) -> ImageSet {
        var work = Work(images, drafts)
        var top = try await convert(images.top, &work, depth: 0)
        top.annotations = images.top.annotations
        var copy = ImageSet(top: top, names: images.names, listings: work.listings, blobs: work.blobs)
        copy.elsewhere = images.elsewhere
        copy.notes = images.notes + work.notes
        if top.digest != images.top.digest {
            copy.notes.append(
                Diagnostic(
                    .recompressDigests,
                    "the copy has another digest than the image",
                    because: "its layers are compressed in another way; signatures and documents of the image are not"
                        + " about the copy",
                    hint: "sign the copy, if the image was signed"
                )
            )
        }
        return copy
    }

    /// One way through the documents of some images.
    private struct Work {
        let items: [Digest: ImageSet.Item]
        var made: [Digest: Descriptor] = [:]
        /// By the digest that a layer had.
        var layers: [Digest: Descriptor] = [:]
        var blobs: [(Descriptor, ImageSet.Blob)] = []
        var listings: [ImageSet.Listing] = []
        var leftOut = 0
        let drafts: FilePath

        init(_ images: ImageSet, _ drafts: FilePath) {
            self.drafts = drafts
            items = Dictionary(images.blobs.map { ($0.descriptor.digest, $0) }) { first, _ in first }
        }

        var notes: [Diagnostic] {
            guard leftOut > 0 else { return [] }
            return [
                Diagnostic(
                    .recompressLeftOut,
                    "\(leftOut == 1 ? "a document" : "\(leftOut) documents") beside the images"
                        + " \(leftOut == 1 ? "is" : "are") left out",
                    because: "attestations in the index are about the manifests as they were"
                )
            ]
        }

        func bytes(_ entry: Descriptor) async throws(Diagnostic) -> [UInt8] {
            let item = items[entry.digest]
            if case .bytes(let bytes)? = item?.content { return bytes }
            guard let blob = item?.remote, entry.size <= Int64(Document<Manifest>.largest) else {
                throw Diagnostic(
                    .recompressRefused,
                    "the image lacks a document: \(entry.digest)",
                    at: .blob(entry.digest.description)
                )
            }
            return try await blob.fetch().verified().read(at: 0, count: Int(entry.size))
        }
    }

    /// Indexes within indexes are followed so deep.
    private static let deepestIndex = 4

    private func convert(
        _ entry: Descriptor,
        _ work: inout Work,
        depth: Int
    ) async throws(Diagnostic) -> Descriptor {
        let descriptor: Descriptor
        if let known = work.made[entry.digest] {
            descriptor = known
        } else if entry.mediaType.isIndex {
            descriptor = try await convertIndex(entry, &work, depth)
        } else {
            descriptor = try await convertImage(entry, &work)
        }
        work.made[entry.digest] = descriptor
        var changed = entry
        changed.mediaType = descriptor.mediaType
        changed.digest = descriptor.digest
        changed.size = descriptor.size
        return changed
    }

    private func convertIndex(
        _ entry: Descriptor,
        _ work: inout Work,
        _ depth: Int
    ) async throws(Diagnostic) -> Descriptor {
        guard depth < Self.deepestIndex else {
            throw Diagnostic(
                .recompressRefused,
                "indexes are nested too deep",
                at: .blob(entry.digest.description),
                because: "at most \(Self.deepestIndex) are followed",
                hint: "choose one image with `--platform`"
            )
        }
        let document = try Document<Index>(decoding: try await work.bytes(entry), of: entry)
        var index = document.content
        var manifests = [Descriptor]()
        for child in index.manifests {
            guard !child.isAttestation, child.mediaType.isManifest || child.mediaType.isIndex else {
                work.leftOut += 1
                continue
            }
            // An index may list what was not copied, such as another platform.
            guard work.items[child.digest] != nil else {
                manifests.append(child)
                continue
            }
            manifests.append(try await convert(child, &work, depth: depth + 1))
        }
        index.manifests = manifests
        index.mediaType = .imageIndex
        let new = Document(encoding: index, as: .imageIndex)
        work.blobs.append((new.descriptor, .bytes(new.bytes)))
        return new.descriptor
    }

    private func convertImage(_ entry: Descriptor, _ work: inout Work) async throws(Diagnostic) -> Descriptor {
        let document = try Document<Manifest>(decoding: try await work.bytes(entry), of: entry)
        var manifest = document.content
        guard manifest.isImage else {
            throw Diagnostic(
                .recompressRefused,
                "what is not an image has no layers to compress",
                at: .blob(entry.digest.description),
                because: "its type is `\((manifest.artifactType ?? manifest.config.mediaType).rawValue.excerpt)`",
                hint: "leave out `--compression`"
            )
        }
        let configBytes = try await work.bytes(manifest.config)
        let diffIDs = try Document<ImageConfig>(decoding: configBytes, of: manifest.config).content.diffIDs
        guard diffIDs.count == manifest.layers.count else {
            throw disagreement("the config has \(diffIDs.count) diffIDs, the manifest \(manifest.layers.count) layers")
        }
        for (index, layer) in manifest.layers.enumerated() where !layer.isKeptElsewhere {
            manifest.layers[index] = try await convertLayer(layer, diffIDs[index], &work)
        }
        if manifest.layers != document.content.layers {
            manifest.mediaType = .imageManifest
            manifest.config.mediaType = .imageConfig
            manifest.subject = nil
        }
        let new =
            manifest.layers == document.content.layers ? document : Document(encoding: manifest, as: .imageManifest)
        work.blobs.append((manifest.config, .bytes(configBytes)))
        work.blobs.append((new.descriptor, .bytes(new.bytes)))
        work.listings.append(ImageSet.Listing(config: manifest.config, layers: manifest.layers))
        return new.descriptor
    }

    private func convertLayer(
        _ layer: Descriptor,
        _ diffID: DiffID,
        _ work: inout Work
    ) async throws(Diagnostic) -> Descriptor {
        guard let item = work.items[layer.digest] else { return layer }
        guard LayerCodec.writing(layer.mediaType.asOCILayer) != LayerCodec.writing(codec.mediaType) else {
            var kept = layer
            kept.mediaType = layer.mediaType.asOCILayer
            work.blobs.append((kept, item.content))
            return kept
        }
        var descriptor: Descriptor
        if let known = work.layers[layer.digest] {
            descriptor = known
        } else {
            let blob = try await local(item, work.drafts)
            var draft = try BlobDraft(in: work.drafts)
            let written = try await write(layer, blob, to: &draft)
            guard written.diffID == diffID else {
                throw disagreement("the tar of \(layer.digest) has the diffID \(written.diffID), and not \(diffID)")
            }
            descriptor = written.descriptor
            work.layers[layer.digest] = descriptor
            work.blobs.append((descriptor, .draft(draft.seal())))
        }
        var annotations = (layer.annotations ?? [:]).filter { !AnnotationKey.isOfCompression($0.key) }
        if layer.annotations?[AnnotationKey.compression] != nil {
            annotations[AnnotationKey.compression] = compressor.description
        }
        descriptor.annotations = annotations.isEmpty ? nil : annotations
        return descriptor
    }

    private func local(_ item: ImageSet.Item, _ drafts: FilePath) async throws(Diagnostic) -> LocalBlob {
        switch item.content {
        case .remote(let blob): return try await blob.fetch()
        case .draft(let draft): return try LocalBlob(item.descriptor, verified: draft, in: drafts)
        case .bytes(let bytes):
            var draft = try BlobDraft(in: drafts)
            try draft.write(bytes)
            return try LocalBlob(item.descriptor, verified: draft.seal(), in: drafts)
        }
    }

    private func write(
        _ layer: Descriptor,
        _ blob: LocalBlob,
        to draft: inout BlobDraft
    ) async throws(Diagnostic) -> WrittenLayer {
        let subject = Diagnostic.Subject.blob(layer.digest.description)
        try LayerEncoding.check(layer, beginningWith: try blob.read(at: 0, count: 4))
        var source = try blob.open()
        switch LayerEncoding(layer.mediaType) {
        case .gzip:
            var tar = try GzipReader(source, limit: LayerLimits.largestTar, at: subject)
            return try await compressor.write(&tar, to: &draft)
        case .zstd:
            var tar = try ZstdReader(source, limit: LayerLimits.largestTar, at: subject)
            return try await compressor.write(&tar, to: &draft)
        case .plain: return try await compressor.write(&source, to: &draft)
        case nil:
            throw Diagnostic(
                .recompressRefused,
                "a layer is of a kind that cannot be read",
                at: subject,
                because: "its media type is `\(layer.mediaType.rawValue.excerpt)`",
                hint: "leave out `--compression`"
            )
        }
    }

    private func disagreement(_ reason: String) -> Diagnostic {
        Diagnostic(
            .recompressDisagrees,
            "the parts of the image disagree",
            because: reason,
            hint: "the image has to be built again"
        )
    }
}

extension Diagnostic.Code {
    static let recompressRefused = Self("recompress.refused", .verification)
    static let recompressDisagrees = Self("recompress.disagrees", .verification)
    static let recompressDigests = Self("recompress.digests", .verification)
    static let recompressLeftOut = Self("recompress.left-out", .verification)
}
