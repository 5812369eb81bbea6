import ByteIO
package import Diagnostics
import Layers
package import OCI
package import Store

/// Turns a plan into bytes: layers side by side, then the documents that refer to them. Decides nothing.
package struct Assembler: Sendable {
    /// Where drafts are written until they are published.
    private let draftDirectory: FilePath
    private let cores: Int
    /// Nil to write every layer from nothing.
    private let memory: LayerMemory?
    /// What other images have, too, and is written.
    var shared: SharedLayers?

    init(draftDirectory: FilePath, cores: Int, memory: LayerMemory? = nil) {
        self.draftDirectory = draftDirectory
        self.cores = cores
        self.memory = memory
    }

    package func assemble(_ plan: BuildPlan) async throws(Diagnostic) -> AssembledImages {
        let layers = try await write(plan.layers)
        var blobs = layers.map { ($0.layer.descriptor, $0.content) }
        var images = [AssembledImages.Image]()
        for image in plan.images {
            if let base = image.base {
                let foreign = base.layers.map {
                    ($0, ImageSet.Blob.foreign(ImageSet.ForeignBlob($0, of: base.provider)))
                }
                // What is below comes first.
                blobs = foreign + blobs
            }
            let written = image.layers.map { layers[$0].layer }
            let config = Document(encoding: config(of: image, written, plan), as: .imageConfig)
            let manifest = Document(
                encoding: Manifest(
                    config: config.descriptor,
                    layers: (image.base?.layers ?? [])
                        + zip(image.layers, written).map { index, layer in
                            var descriptor = layer.descriptor
                            let compression = plan.layers[index].compression.description
                            descriptor.annotations = [AnnotationKey.compression: compression]
                            return descriptor
                        },
                    annotations: image.annotations
                ),
                as: .imageManifest
            )
            blobs.append((config.descriptor, .bytes(config.bytes)))
            blobs.append((manifest.descriptor, .bytes(manifest.bytes)))
            images.append(
                AssembledImages.Image(
                    platform: image.platform,
                    manifest: manifest,
                    config: config,
                    layers: written
                )
            )
        }
        var top = images[0].entry
        if images.count > 1 {
            let index = Document(
                encoding: Index(manifests: images.map(\.entry), annotations: plan.annotations),
                as: .imageIndex
            )
            blobs.append((index.descriptor, .bytes(index.bytes)))
            top = index.descriptor
        }
        let twin = plan.debugTwin?.assemble(images, plan)
        var set = ImageSet(
            top: top,
            names: plan.names,
            listings: listings(of: images),
            blobs: (twin?.blobs ?? []) + blobs
        )
        set.companion = twin?.companion
        return AssembledImages(images: images, set: set)
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

    /// Loaders that take one image of several take the first: the one most machines can run.
    private func listings(of images: [AssembledImages.Image]) -> [ImageSet.Listing] {
        let isUsual = { (image: AssembledImages.Image) in image.platform.architecture == "amd64" }
        let ordered = images.filter(isUsual) + images.filter { !isUsual($0) }
        return ordered.map { ImageSet.Listing(config: $0.config.descriptor, layers: $0.manifest.content.layers) }
    }

    private func write(_ layers: [PlannedLayer]) async throws(Diagnostic) -> [WrittenContent] {
        // Each layer's blocks run side by side already; a second layer fills the gaps at the first one's end.
        try await concurrently(layers, atMost: 2) { layer async throws(Diagnostic) in try await write(layer) }
    }

    func write(_ layer: PlannedLayer) async throws(Diagnostic) -> WrittenContent {
        if let known = try shared?.layer(layer, draftIn: draftDirectory) { return known }
        let last = try memory?.last(of: LayerMemory.lineage(of: layer))
        do throws(Diagnostic) {
            return try await write(layer, after: last)
        } catch {
            guard error.code == .layerPreviousRotten else { throw error }
            try memory?.forget(LayerMemory.lineage(of: layer))
            return try await write(layer, after: nil)
        }
    }

    private func write(_ layer: PlannedLayer, after last: LayerMemory.Kept?) async throws(Diagnostic) -> WrittenContent
    {
        let work = LayerComparison(
            layer.blueprint,
            layer.compression,
            with: last?.layer,
            memory?.trust ?? .none,
            isReadingAll: memory?.isReadingAll ?? false
        )
        if let unchanged = work.unchanged, let blob = last?.blob {
            try unchanged.check()
            return WrittenContent(
                layer: unchanged.table.layer,
                content: .foreign(ImageSet.ForeignBlob(blob.believed))
            )
        }
        var draft = try BlobDraft(in: draftDirectory)
        let table = try await LayerWriter(cores: cores).write(work, to: &draft).table
        let sealed = draft.seal()
        try memory?.keep(LayerBlob(table: table, draft: sealed), as: LayerMemory.lineage(of: layer))
        return WrittenContent(layer: table.layer, content: .draft(sealed))
    }
}

/// A layer, and where its bytes are.
struct WrittenContent: Sendable {
    let layer: WrittenLayer
    let content: ImageSet.Blob
}

/// The images of a plan as bytes, ready for a destination.
package struct AssembledImages: Sendable {
    package struct Image: Sendable {
        package let platform: Platform
        package let manifest: Document<Manifest>
        package let config: Document<ImageConfig>
        /// Those that were written, above the base's.
        package let layers: [WrittenLayer]

        /// The manifest's descriptor with the platform, as an index has it.
        package var entry: Descriptor {
            var descriptor = manifest.descriptor
            descriptor.platform = platform
            return descriptor
        }
    }

    package let images: [Image]
    package let set: ImageSet
}
