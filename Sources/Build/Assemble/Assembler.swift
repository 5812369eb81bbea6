import ByteIO
package import Diagnostics
import Findings
import Inventory
import Layers
import OCI
package import Plan
import Stack
import Store

/// Turns a plan into bytes: layers side by side, then the documents that refer to them. Decides nothing.
package struct Assembler: Sendable {
    /// Where drafts are written until they are published.
    private let draftDirectory: FilePath
    private let cores: Int
    /// `nil` to write every layer from nothing.
    private let memory: LayerCache?
    /// Earlier images whose layers are reused if they equal the planned ones; `nil` if there are none.
    package var reuse: LayerReuse?
    /// The layout that the images go to, which may have some of their blobs already; `nil` if they go elsewhere.
    var layout: FilePath?
    /// Whether the digests of files are taken while their layers are written.
    var takesDigests = false
    /// What other images have, too, and is written.
    var shared: SharedLayers?

    init(draftDirectory: FilePath, cores: Int, memory: LayerCache? = nil) {
        self.draftDirectory = draftDirectory
        self.cores = cores
        self.memory = memory
    }

    package func assemble(_ plan: BuildPlan, _ debugTwin: DebugTwin? = nil) async throws(Diagnostic) -> AssembledImages
    {
        let layers = try await write(plan.layers)
        var blobs = layers.map { ($0.layer.descriptor, $0.content) }
        var images = [AssembledImages.Image]()
        for image in plan.images {
            if let base = image.base {
                let remote = base.layers.map {
                    ($0, ImageSet.Blob.remote(ImageSet.RemoteBlob($0, of: base.provider)))
                }
                // What is below comes first.
                blobs = remote + blobs
            }
            let written = image.layers.map { layers[$0].layer }
            images.append(
                AssembledImages.Image(
                    documents: try ImageDocuments.Image(
                        image.platform,
                        config: config(of: image, written, plan),
                        layers: (image.base?.layers ?? [])
                            + zip(image.layers, written).map { index, layer in
                                var descriptor = layer.descriptor
                                let compression = plan.layers[index].compression.description
                                descriptor.annotations = (descriptor.annotations ?? [:])
                                    .merging([AnnotationKey.compression: compression]) { $1 }
                                return descriptor
                            },
                        annotations: image.annotations
                    ).written(as: plan.format),
                    layers: written,
                    provenance: image.layers.map { layers[$0].provenance }
                )
            )
        }
        let documents = ImageDocuments(images.map(\.documents), annotations: plan.annotations).written(as: plan.format)
        blobs += documents.encoded.map { ($0.descriptor, .bytes($0.bytes)) }
        let twin = try debugTwin?.assemble(images, plan)
        var set = ImageSet(
            top: documents.top,
            names: plan.names,
            listings: documents.mostCommonFirst.map { ImageSet.Listing($0) },
            blobs: (twin?.blobs ?? []) + blobs
        )
        set.companion = twin?.companion
        let kept = zip(plan.layers, layers).compactMap { planned, layer in
            layer.table.map { CacheArtifact.Layer(planned: planned, table: $0, content: layer.content) }
        }
        let files = zip(plan.layers, layers).map { planned, layer in
            let files = layer.files ?? (takesDigests ? Self.files(of: planned) : nil)
            return (layer.layer.descriptor.digest, files)
        }
        return AssembledImages(
            images: images,
            set: set,
            kept: kept,
            written: layers.compactMap(\.written),
            files: Dictionary(files.compactMap { digest, files in files.map { (digest, $0) } }) { first, _ in first }
        )
    }

    /// The base's layers and steps, and ours above them.
    private func config(of image: BuildPlan.Image, _ written: [WrittenLayer], _ plan: BuildPlan) -> ImageConfig {
        var config = image.config
        config.diffIDs = (image.base?.config.diffIDs ?? []) + written.map(\.diffID)
        config.history =
            (image.base?.history ?? [])
            + image.layers.map { index in
                ImageConfig.History(
                    created: plan.created.description,
                    createdBy: plan.layers[index].blueprint.createdBy,
                    comment: plan.layers[index].compression.description
                )
            }
        return config
    }

    private func write(_ layers: [PlannedLayer]) async throws(Diagnostic) -> [WrittenContent] {
        // Each layer's blocks run side by side already; a second layer fills the gaps at the first one's end.
        try await concurrently(layers, atMost: 2) { layer async throws(Diagnostic) in try await write(layer) }
    }

    /// Writes a layer that several images have, and keeps it for later builds.
    func writeShared(_ layer: PlannedLayer) async throws(Diagnostic) -> WrittenContent {
        var content = try await write(layer)
        if let written = content.written { try memory?.keep(written) }
        content.written = nil
        return content
    }

    private func write(_ layer: PlannedLayer) async throws(Diagnostic) -> WrittenContent {
        if let known = try shared?.layer(layer, draftIn: draftDirectory) { return known }
        let lineage = LayerCache.lineage(of: layer)
        if let last = try memory?.last(of: lineage, layer.compression.codec) {
            if let written = try await write(layer, after: last) { return written }
            try memory?.forget(lineage, layer.compression.codec)
        }
        return try await writeAnew(layer)
    }

    /// `nil` if the last layer is corrupt.
    private func write(
        _ layer: PlannedLayer,
        after last: LayerCache.Kept
    ) async throws(Diagnostic) -> WrittenContent? {
        let work = comparison(layer, with: last.layer)
        guard let unchanged = work.unchanged else { return try await write(work, as: layer, else: .changedHere) }
        guard let blob = try await memory?.intact(unchanged.table, in: layout, cores: cores) else { return nil }
        return WrittenContent(
            layer: unchanged.table.layer,
            content: .remote(ImageSet.RemoteBlob(blob)),
            provenance: .unchanged,
            table: unchanged.table
        )
    }

    private func writeAnew(_ layer: PlannedLayer) async throws(Diagnostic) -> WrittenContent {
        guard let reuse else { return try await write(layer, because: .nothingToCompare) }
        switch try await reuse.take(layer) {
        case .taken(let taken):
            return WrittenContent(
                layer: taken.layer,
                content: .remote(taken.blob),
                provenance: .image(taken.image),
                table: await reuse.table(of: taken.layer.descriptor.digest, for: layer)
            )
        case .none(let reason):
            if let kept = await reuse.kept(like: layer) {
                let work = comparison(layer, with: kept.layer)
                if let written = try await write(work, as: layer, with: kept.record.name, else: reason) {
                    return written
                }
                reuse.note(kept.record.refusal(CacheRecord.corrupt(kept.layer.table)))
            }
            return try await write(layer, because: reason)
        }
    }

    private func write(
        _ layer: PlannedLayer,
        because reason: LayerProvenance.Reason
    ) async throws(Diagnostic) -> WrittenContent {
        guard let written = try await write(comparison(layer, with: nil), as: layer, else: reason) else {
            preconditionFailure("a layer without a previous one was not written to its end")
        }
        return written
    }

    private static func files(of layer: PlannedLayer) -> WrittenFiles {
        WrittenFiles(of: layer.blueprint) { Inventory.interest(in: RootEntry($0, origin: .application)) == .record }
    }

    private func comparison(_ layer: PlannedLayer, with previous: PreviousLayer?) -> LayerComparison {
        LayerComparison(
            layer.blueprint,
            layer.compression,
            with: previous,
            memory?.trust ?? .none,
            isReadingAll: memory?.isReadingAll ?? false
        )
    }

    /// `nil` if the previous layer is corrupt.
    ///
    /// - Parameters:
    ///   - name: where the previous layer is; `nil` for this machine.
    ///   - reason: why it was built, if no block of the previous layer was of use.
    private func write(
        _ work: LayerComparison,
        as layer: PlannedLayer,
        with name: String? = nil,
        else reason: LayerProvenance.Reason
    ) async throws(Diagnostic) -> WrittenContent? {
        var work = work
        var draft = try BlobDraft(in: draftDirectory)
        if takesDigests { work.files = Self.files(of: layer) }
        guard case .written(let result) = try await LayerWriter(cores: cores).write(work, to: &draft) else {
            return nil
        }
        let (table, sealed) = (result.table, draft.seal())
        return WrittenContent(
            layer: table.layer,
            content: .draft(sealed),
            provenance: result.reusedCount > 0
                ? .blocks(reused: result.reusedCount, of: table.blocks.count, in: name) : .built(reason),
            table: table,
            files: work.files,
            written: LayerBlob(lineage: LayerCache.lineage(of: layer), table: table, draft: sealed)
        )
    }
}

/// A layer, and where its bytes are.
struct WrittenContent: Sendable {
    let layer: WrittenLayer
    let content: ImageSet.Blob
    let provenance: LayerProvenance
    /// `nil` if only the bytes are known, and not how they are made.
    let table: BlockTable?
    /// What was seen of its files; `nil` if nothing was to be.
    var files: WrittenFiles?
    /// What the cache is to keep of it; `nil` if the cache has it, or another has made the layer.
    var written: LayerBlob?
}
