import ByteIO
import Check
package import Diagnostics
package import Images
import Layers
package import OCI
package import Store

/// Reads bases: chooses by platform, verifies, and lists what is in their layers.
package struct BaseReader: Sendable {
    /// A base for one platform, and what is in it.
    package struct Found: Sendable {
        package let base: Base
        package let files: BaseFiles
    }

    /// As many layers are fetched and read at the same time.
    private static let parallelLayers = 4
    /// The kind that tables are cached as. Another form of them needs another name.
    private static let tableKind = "files-5"

    private let provider: any ImageProvider
    private let cache: BlobCache?
    private let reference: Reference?
    private let drafts: FilePath
    private let limits: TableLimits

    /// Reads what is at `location`, through `provider`.
    package init(_ location: ImageLocation, _ provider: any ImageProvider, _ access: ImageAccess) throws(Diagnostic) {
        if case .registry(let reference) = location { self.reference = reference } else { reference = nil }
        self.provider = provider
        cache = try access.cache()
        drafts = access.settings.temporaryDirectory
        limits = try access.settings.tableLimits
    }

    /// The bases for `platforms`, each with its files, or why there is none.
    ///
    /// - Throws: what keeps all of them from being read.
    package func read(
        for platforms: [Platform]
    ) async throws(Diagnostic) -> [Platform: Result<Found, Diagnostic>] {
        let choice = try await BaseChoice(provider)
        var bases: [Platform: Result<Found, Diagnostic>] = [:]
        for platform in platforms where bases[platform] == nil {
            do throws(Diagnostic) {
                bases[platform] = .success(try await read(try choice.candidate(for: platform)))
            } catch {
                bases[platform] = .failure(error)
            }
        }
        return bases
    }

    private func read(_ candidate: BaseChoice.Candidate) async throws(Diagnostic) -> Found {
        let image = try await BaseImage(candidate.manifest, of: provider)
        try image.check(candidate, provider.name)
        let layers = image.manifest.layers.map { layer in
            var layer = layer
            layer.mediaType = layer.mediaType.asOCILayer
            return layer
        }
        let tables = try await tables(of: layers)
        for (index, (table, expected)) in zip(tables, image.config.diffIDs).enumerated()
        where table.diffID != expected {
            let place = "layer \(index + 1) of \(layers.count)"
            throw .baseDisagrees(
                provider.name,
                "\(place): the config says diffID \(expected), the tar has \(table.diffID)"
            )
        }
        let top = try await provider.top()
        let base = Base(
            name: provider.name,
            reference: reference?.normalized ?? top.annotations?[AnnotationKey.containerdImageName],
            manifest: candidate.manifest,
            platform: image.platform,
            layers: layers,
            config: image.config,
            oddities: image.oddities,
            provider: provider
        )
        return Found(base: base, files: try BaseFiles(consume tables, limits))
    }

    /// In the order of `layers`, whatever order they are read in.
    private func tables(of layers: [Descriptor]) async throws(Diagnostic) -> [LayerTable] {
        let budget = SharedBudget(limits)
        return try await concurrently(layers, atMost: Self.parallelLayers) { layer async throws(Diagnostic) in
            try await table(of: layer, budget)
        }
    }

    private func table(of layer: Descriptor, _ budget: SharedBudget) async throws(Diagnostic) -> LayerTable {
        if let bytes = try cache?.derived(Self.tableKind, of: layer.digest), let table = LayerTable(bytes: bytes) {
            try table.charge(budget, of: layer)
            return table
        }
        let table = try LayerTable(layer, in: try await provider.blob(layer), drafts: drafts, budget)
        _ = try cache?.insert(derived: table.bytes, Self.tableKind, of: layer.digest)
        return table
    }
}
