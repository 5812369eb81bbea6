import ByteIO
import Check
import Diagnostics
import Findings
import Images
import Inventory
import Layers
import OCI
import Stack
import Store

/// A finished image whose inventory is taken: of each layer only what an inventory looks at is kept.
struct DescribedImage: Sendable {
    let manifest: Document<Manifest>
    let config: ImageConfig
    private let layers: [Descriptor]
    private let origins: LayerOrigins
    private let provider: any ImageProvider
    private let access: ImageAccess
    private let written: [Digest: WrittenFiles]

    /// As many layers are fetched and read at the same time.
    private static let parallelLayers = 4
    /// Contents that are held in memory, of all layers together, in bytes.
    private static let inMemory = 32 << 20
    /// The kind that the contents of a base's layers are cached as. Another form of them needs another name.
    private static let kind = "records-1"

    /// - Parameter written: by the digests of their layers, what a build has written just now: it is not read again.
    /// - Throws: what keeps its documents from being read.
    init(
        _ candidate: FinishedImage.Candidate,
        knowing written: [Digest: WrittenFiles]
    ) async throws(Diagnostic) {
        let (entry, provider) = (candidate.candidate.manifest, candidate.provider)
        let image = try await BaseImage(entry, of: provider)
        manifest = try Document<Manifest>(decoding: try await provider.document(entry), of: entry)
        config = image.config
        layers = manifest.content.layers
        origins = LayerOrigins(manifest.content, config)
        (self.provider, self.written, access) = (provider, written, candidate.access)
    }

    /// - Throws: what keeps the layers from being read.
    func inventory() async throws(Diagnostic) -> Inventory {
        var keeping = [LayerContents.Keeping](repeating: .recordsAndPrograms, count: layers.count)
        // Programs of a base mostly belong to packages.
        for index in layers.indices where origins.isOfBase(layer: index) { keeping[index] = .records }
        while true {
            let root = try await root(keeping)
            let diffIDs = config.diffIDs
            // An inventory asks for the digests of a file, and then for its layer.
            var last = (path: EntryPath.root, file: RootFilesystem.File?.none)
            func file(at path: EntryPath) -> RootFilesystem.File? {
                if last.path != path { last = (path, root.found(at: path)) }
                return last.file
            }
            let inventory = try Inventory(
                of: root,
                layer: { path in
                    file(at: path).flatMap { diffIDs.indices.contains($0.layer) ? diffIDs[$0.layer] : nil }
                },
                digests: { entry in file(at: entry.path).flatMap(root.digests) }
            )
            let missing = root.missing
            if missing.isEmpty { return inventory }
            for layer in missing { keeping[layer] = keeping[layer] == .records ? .recordsAndPrograms : .everything }
        }
    }

    private func root(_ keeping: [LayerContents.Keeping]) async throws(Diagnostic) -> DescribedRoot {
        let limits = try access.settings.tableLimits
        let budget = SharedBudget(limits)
        let parts = try await concurrently(Array(layers.indices), atMost: Self.parallelLayers) {
            index async throws(Diagnostic) in try await part(index, keeping[index], budget)
        }
        return try DescribedRoot(zip(layers, parts).map { ($0, $1) }, limits, origins)
    }

    private func part(
        _ index: Int,
        _ keeping: LayerContents.Keeping,
        _ budget: SharedBudget
    ) async throws(Diagnostic) -> DescribedRoot.Part {
        let layer = layers[index]
        if let files = written[layer.digest] {
            try files.complete()
            return .written(files)
        }
        let isCached = keeping == .records && access.settings.cachePlace != nil
        let cache = isCached ? try access.cache() : nil
        if let bytes = try cache?.derived(Self.kind, of: layer.digest), let known = LayerContents(table: bytes) {
            return .read(known)
        }
        let contents = try LayerContents(
            layer,
            in: try await provider.blob(layer),
            keeping: keeping,
            takingDigests: origins.mayBeOfUser(layer: index),
            inMemory: Self.inMemory / layers.count,
            drafts: access.settings.temporaryDirectory,
            budget
        )
        if let cache, let table = contents.table { try cache.insert(derived: table, Self.kind, of: layer.digest) }
        return .read(contents)
    }
}
