import ByteIO
import Diagnostics
import Layers
import OCI
import Store

/// Makes the layers of bases, or reads them from the cache.
struct LayerMaker: Sendable {
    /// A package's layer, in a file.
    struct Made: Sendable {
        let package: PackageLayer
        let blob: LocalBlob
    }

    /// A layer of other files, in a file.
    struct MadeLayer: Sendable {
        let layer: WrittenLayer
        let blob: LocalBlob
    }

    /// The package of certificates, which are made into one file.
    static let certificates = "ca-certificates"
    private static let bundleKind = "deb-certificates-1"
    private static let generatedKind = "base-layer-2"

    let fetcher: BaseFetcher
    private let cores: Int

    init(_ fetcher: BaseFetcher, cores: Int) {
        self.fetcher = fetcher
        self.cores = max(1, cores)
    }

    var cache: BlobCache { fetcher.cache }

    // MARK: Packages

    /// The layers of `packages`, by the packages' digests. Only packages whose layers are not in the cache are fetched.
    func make(
        _ packages: [BaseLock.Package],
        for entry: BaseCatalogue.Entry
    ) async throws(Diagnostic) -> [Digest: Made] {
        var made: [Digest: Made] = [:]
        var missing = [(package: BaseLock.Package, recipe: PackageRecipe)]()
        for package in packages where made[package.digest] == nil {
            let recipe = PackageRecipe(of: package.name, entry.variant, in: entry.definition)
            if let known = try known(package, recipe) {
                made[package.digest] = known
            } else if !missing.contains(where: { $0.package.digest == package.digest }) {
                missing.append((package, recipe))
            }
        }
        let blobs = try await fetcher.fetch(missing.map(\.package), of: try entry.lock())
        let written = try await concurrently(missing, atMost: min(cores, 4)) { task async throws(Diagnostic) in
            guard let blob = blobs[task.package.digest] else { preconditionFailure("a package that was not fetched") }
            return try await make(task.package, task.recipe, blob)
        }
        for (task, layer) in zip(missing, written) { made[task.package.digest] = layer }
        return made
    }

    private func known(_ package: BaseLock.Package, _ recipe: PackageRecipe) throws(Diagnostic) -> Made? {
        guard let bytes = try cache.derived(recipe.kind, of: package.digest) else { return nil }
        let json = try? JSON(parsing: bytes, named: package.path)
        guard let layer = json.flatMap({ try? PackageLayer($0, named: package.path) }) else { return nil }
        return try cache.blob(layer.layer.descriptor).map { Made(package: layer, blob: $0) }
    }

    private func make(
        _ package: BaseLock.Package,
        _ recipe: PackageRecipe,
        _ blob: LocalBlob
    ) async throws(Diagnostic) -> Made {
        let contents = try PackageContents(package, in: blob, recipe, drafts: fetcher.drafts)
        let written = try await write(contents.blueprint)
        let made = PackageLayer(
            layer: written.layer,
            files: contents.files,
            scripts: contents.scripts,
            stripped: contents.stripped,
            libraries: contents.libraries,
            installed: contents.installed,
            needs: contents.needs
        )
        try cache.insert(derived: made.json.encoded(), recipe.kind, of: package.digest)
        return Made(package: made, blob: written.blob)
    }

    // MARK: Files made from all packages

    /// The certificates of the first package that has them, as PEM; `nil` if none has.
    func bundle(of packages: [BaseLock.Package], in lock: BaseLock) async throws(Diagnostic) -> [UInt8]? {
        guard lock.suite.format == .deb, let package = packages.first(where: { $0.name == Self.certificates }) else {
            return nil
        }
        if let bytes = try cache.derived(Self.bundleKind, of: package.digest) { return bytes }
        guard let blob = try await fetcher.fetch([package], of: lock)[package.digest] else { return nil }
        let bytes = try GeneratedFiles.bundle(of: package, in: blob)
        try cache.insert(derived: bytes, Self.bundleKind, of: package.digest)
        return bytes
    }

    /// A small layer, cached under the digest of its tar.
    func make(_ blueprint: LayerBlueprint) async throws(Diagnostic) -> MadeLayer {
        let layout = LayerLayout(blueprint)
        let diffID = Digest(sha256Of: try layout.render(from: 0, count: Int(layout.size)))
        if let bytes = try cache.derived(Self.generatedKind, of: diffID),
            let json = try? JSON(parsing: bytes, named: Self.generatedKind),
            let descriptor = try? Descriptor(json, named: Self.generatedKind),
            let blob = try cache.blob(descriptor)
        {
            let layer = WrittenLayer(descriptor: descriptor, diffID: DiffID(diffID), uncompressedSize: layout.size)
            return MadeLayer(layer: layer, blob: blob)
        }
        let made = try await write(blueprint)
        try cache.insert(derived: made.layer.descriptor.json.encoded(), Self.generatedKind, of: diffID)
        return made
    }

    func write(_ blueprint: LayerBlueprint) async throws(Diagnostic) -> MadeLayer {
        var draft = try BlobDraft(in: fetcher.drafts)
        let layer = try await LayerWriter(cores: cores)
            .write(blueprint, .shared, to: &draft).table.layer
        return MadeLayer(layer: layer, blob: try cache.insert(draft.seal(), as: layer.descriptor))
    }
}
