import Diagnostics
import Layers
import OCI
import Store

extension LayerMaker {
    private static let squashKind = "base-squashed-2"

    /// One layer with the entries of `packages` and `generated`. If two of them have an entry at one path, the last one counts.
    func squash(
        _ packages: [BaseLock.Package],
        _ made: [Digest: Made],
        _ generated: WrittenLayer,
        _ own: LayerBlueprint,
        for entry: BaseCatalogue.Entry
    ) async throws(Diagnostic) -> MadeLayer {
        let parts = packages.compactMap { made[$0.digest]?.package.layer.diffID } + [generated.diffID]
        let key = Digest(sha256Of: Array(parts.map { "\($0)\n" }.joined().utf8))
        if let known = try squashed(key) { return known }

        let blobs = try await fetcher.fetch(packages, of: try entry.lock())
        var entries: [EntryPath: LayerEntry] = [:]
        // Large files stay in their spill directories until the layer is written.
        var contents = [PackageContents]()
        for package in packages {
            guard let blob = blobs[package.digest] else { continue }
            let recipe = PackageRecipe(of: package.name, entry.variant, in: entry.definition)
            let read = try PackageContents(package, in: blob, recipe, drafts: fetcher.drafts)
            for entry in read.blueprint.entries { entries[entry.path] = entry }
            contents.append(read)
        }
        for entry in own.entries { entries[entry.path] = entry }
        let result = try await write(
            try LayerBlueprint(.base, createdBy: own.createdBy, entries: Array(entries.values))
        )
        contents = []
        var json = JSONObject()
        json["layer"] = result.layer.descriptor.json
        json["diffID"] = .string(result.layer.diffID.description)
        json["size"] = .int(result.layer.uncompressedSize)
        try cache.insert(derived: JSON.object(json).encoded(), Self.squashKind, of: key)
        return result
    }

    private func squashed(_ key: Digest) throws(Diagnostic) -> MadeLayer? {
        guard let bytes = try cache.derived(Self.squashKind, of: key),
            let json = try? JSON(parsing: bytes, named: Self.squashKind)
        else { return nil }
        let reader = JSONReader(json, named: Self.squashKind)
        let layer = WrittenLayer(
            descriptor: try Descriptor(reader.member("layer").value, named: Self.squashKind),
            diffID: DiffID(try reader.member("diffID").digest()),
            uncompressedSize: try reader.member("size").int()
        )
        return try cache.blob(layer.descriptor).map { MadeLayer(layer: layer, blob: $0) }
    }
}
