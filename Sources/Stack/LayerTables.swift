import ByteIO
package import Check
package import Diagnostics
package import Images
import Layers
package import OCI
package import Store

/// Lists what is in layers. What was read once is cached by the layer's digest, and the layer is not needed again.
package struct LayerTables: Sendable {
    /// As many layers are fetched and read at the same time.
    private static let parallelLayers = 4
    /// The kind that tables are cached as. Another form of them needs another name.
    private static let kind = "files-5"

    private let provider: any ImageProvider
    private let cache: BlobCache?
    private let drafts: FilePath
    let limits: TableLimits

    /// - Parameter provider: has the layers.
    package init(_ provider: any ImageProvider, _ access: ImageAccess) throws(Diagnostic) {
        self.provider = provider
        cache = try access.cache()
        drafts = access.settings.temporaryDirectory
        limits = try access.settings.tableLimits
    }

    /// In the order of `layers`, whatever order they are read in.
    ///
    /// - Throws: what reading a layer throws.
    package func read(_ layers: [Descriptor]) async throws(Diagnostic) -> [LayerTable] {
        let budget = SharedBudget(limits)
        return try await concurrently(layers, atMost: Self.parallelLayers) { layer async throws(Diagnostic) in
            try await table(of: layer, budget)
        }
    }

    /// Reads an image: its manifest and config, its layers by the media types of OCI, and their tables.
    ///
    /// - Throws: `base.disagrees` for a table of another layer than the config says.
    func read(
        _ candidate: BaseManifests.Candidate
    ) async throws(Diagnostic) -> (image: BaseImage, layers: [Descriptor], tables: [LayerTable]) {
        let image = try await BaseImage(candidate.manifest, of: provider)
        try image.check(candidate, provider.name)
        let layers = image.manifest.layers.map { layer in
            var layer = layer
            layer.mediaType = layer.mediaType.asOCILayer
            return layer
        }
        let tables = try await read(layers)
        for (index, (table, expected)) in zip(tables, image.config.diffIDs).enumerated()
        where table.diffID != expected {
            let place = "layer \(index + 1) of \(layers.count)"
            throw .baseDisagrees(
                provider.name,
                "\(place): the config says diffID \(expected), the tar has \(table.diffID)"
            )
        }
        return (image, layers, tables)
    }

    private func table(of layer: Descriptor, _ budget: SharedBudget) async throws(Diagnostic) -> LayerTable {
        if let bytes = try cache?.derived(Self.kind, of: layer.digest), let table = LayerTable(bytes: bytes) {
            try table.charge(budget, of: layer)
            return table
        }
        let table = try LayerTable(layer, in: try await provider.blob(layer), drafts: drafts, budget)
        _ = try cache?.insert(derived: table.bytes, Self.kind, of: layer.digest)
        return table
    }
}
