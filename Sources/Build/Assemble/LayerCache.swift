import ByteIO
import Diagnostics
import Layers
import OCI
import Plan
import Store

/// The layers that this user has had written, so that the next ones like them cost what changed.
///
/// The last one of each lineage is kept: its blob, and its table of blocks.
struct LayerCache: Sendable {
    /// A kept layer, and the file it is in, which stays open.
    struct Kept: Sendable {
        let layer: PreviousLayer
        let blob: LocalBlob
    }

    /// A change in what layers are made of, or of the table, needs another number, or old tables would be believed.
    private static let kind = "layer-1"

    let cache: BlobCache
    let trust: StampTrust
    /// Whether files are read although their stamps say that they are the same.
    let isReadingAll: Bool

    /// The last layer of `lineage`; `nil` if there is none.
    func last(of lineage: Digest, _ codec: LayerCodec) throws(Diagnostic) -> Kept? {
        guard let table = try table(of: lineage, codec) else { return nil }
        guard let blob = try cache.opened(table.layer.descriptor) else {
            try forget(lineage, codec)
            return nil
        }
        let layer = PreviousLayer(table) { offset, count throws(Diagnostic) in try blob.read(at: offset, count: count) }
        return Kept(layer: layer, blob: blob)
    }

    /// The blob of the layer of `table`, if it is whole: the file that the layout at `layout` has, else the cache's.
    ///
    /// What the layout has already need not be compared with it again.
    func intact(_ table: BlockTable, in layout: FilePath?, cores: Int) async throws(Diagnostic) -> LocalBlob? {
        let descriptor = table.layer.descriptor
        // Opening it keeps it from being pruned as unused.
        let cached = try cache.opened(descriptor)
        let present = layout.flatMap { LayoutDestination.opened(descriptor, in: $0) }
        for blob in [present, cached].compactMap(\.self) {
            let layer = PreviousLayer(table) { offset, count throws(Diagnostic) in
                try blob.read(at: offset, count: count)
            }
            if try await layer.isIntact(cores: cores) { return blob.trusted }
        }
        return nil
    }

    /// Keeps what was written, in the place of the last one of its lineage.
    func keep(_ blob: LayerBlob) throws(Diagnostic) {
        let lineage = blob.lineage
        let last = try table(of: lineage, blob.table.codec)?.layer.descriptor
        let descriptor = blob.table.layer.descriptor
        try cache.insert(copyOf: blob.draft, as: descriptor)
        try cache.insert(derived: blob.table.bytes, Self.kind, of: lineage)
        if let last, last.digest != descriptor.digest { try cache.delete(last) }
    }

    /// Deletes the last layer of `lineage`, which is corrupt.
    func forget(_ lineage: Digest, _ codec: LayerCodec) throws(Diagnostic) {
        if let last = try table(of: lineage, codec)?.layer.descriptor { try cache.delete(last) }
        try cache.delete(derived: Self.kind, of: lineage)
    }

    /// How the last layer of `lineage` is made, whether its blob is still there or not; `nil` if there is none.
    func table(of lineage: Digest, _ codec: LayerCodec) throws(Diagnostic) -> BlockTable? {
        try cache.derived(Self.kind, of: lineage).flatMap { BlockTable(bytes: $0, codec) }
    }

    /// The same where only the layer's media type is known.
    func table(of lineage: Digest, writing mediaType: MediaType) throws(Diagnostic) -> BlockTable? {
        guard let bytes = try cache.derived(Self.kind, of: lineage) else { return nil }
        return LayerCodec.writing(mediaType).lazy.compactMap { BlockTable(bytes: bytes, $0) }.first
    }

    /// Names what a layer is made from and how: the next one of the same is likely to be nearly the same.
    static func lineage(of layer: PlannedLayer) -> Digest {
        let parts = [layer.blueprint.createdBy, layer.blueprint.lineage, layer.compression.description]
        return Digest(sha256Of: Array(parts.joined(separator: "\u{0}").utf8))
    }
}

/// A layer that was just written, in a file without a name.
struct LayerBlob: Sendable {
    /// The lineage whose last layer it is now.
    let lineage: Digest
    let table: BlockTable
    let draft: SealedDraft
}
