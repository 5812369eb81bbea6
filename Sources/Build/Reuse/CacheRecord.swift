import Diagnostics
import Layers
import OCI
import Plan
import Store

/// A layer that a build somewhere has kept in a registry: what its blocks were made from, beside its blob.
///
/// It is an entry of an artifact that `--cache-to` has written. Nothing of it is trusted: a block is taken if the files give
/// its bytes.
struct CacheRecord: Sendable {
    /// Media type of the artifact.
    static let artifactType = MediaType(rawValue: "application/vnd.coracle.cache.v1")
    /// Media type of a table of blocks.
    static let mediaType = MediaType(rawValue: "application/vnd.coracle.cache.record.v1")
    /// Maximum size of a table, in bytes: the table of a layer of a terabyte is not larger.
    private static let largestTable: Int64 = 64 << 20
    private static let mostRecords = 1000

    /// The artifact's, as the user named it.
    let name: String
    let createdBy: String
    let compression: String
    private let record: Descriptor
    /// The layers that the artifact holds.
    private let blobs: Set<Digest>
    private let provider: any ImageProvider

    /// The records that `manifest` lists; `nil` if it is not an artifact of coracle.
    static func list(_ manifest: Manifest, of provider: any ImageProvider) -> [CacheRecord]? {
        guard manifest.artifactType == artifactType else { return nil }
        let blobs = Set(manifest.layers.filter { !LayerCodec.writing($0.mediaType).isEmpty }.map(\.digest))
        return manifest.layers.filter { $0.mediaType == mediaType }.prefix(mostRecords).compactMap { record in
            guard
                let createdBy = record.annotations?[AnnotationKey.cachedLayer],
                let compression = record.annotations?[AnnotationKey.compression]
            else { return nil }
            return CacheRecord(
                name: provider.name,
                createdBy: createdBy,
                compression: compression,
                record: record,
                blobs: blobs,
                provider: provider
            )
        }
    }

    /// The descriptor that an artifact has of `table`, and its bytes.
    static func entry(of table: BlockTable, for layer: PlannedLayer) -> (descriptor: Descriptor, bytes: [UInt8]) {
        let bytes = table.withoutStamps.bytes
        let descriptor = Descriptor(
            mediaType: mediaType,
            digest: Digest(sha256Of: bytes),
            size: Int64(bytes.count),
            annotations: [
                AnnotationKey.cachedLayer: layer.blueprint.createdBy,
                AnnotationKey.compression: layer.compression.description,
            ]
        )
        return (descriptor, bytes)
    }

    /// - Throws: `reuse.other-content`; what keeps it from being fetched.
    func table(_ codec: LayerCodec) async throws(Diagnostic) -> BlockTable {
        guard record.size <= Self.largestTable else { throw unusable("it has \(record.size) bytes") }
        let blob = try await provider.blob(record).verified()
        let bytes = try blob.read(at: 0, count: Int(record.size))
        guard let table = BlockTable(bytes: bytes, codec), table.compression == compression else {
            throw unusable("it is not a table of blocks, or it is from another version of coracle")
        }
        guard blobs.contains(table.layer.descriptor.digest) else {
            throw unusable("its layer is missing")
        }
        return table.withoutStamps
    }

    /// The layer that `table` describes, fetched.
    ///
    /// - Throws: `reuse.other-content`, `reuse.other-compression`; what keeps it from being fetched.
    func layer(_ table: BlockTable, for planned: PlannedLayer) async throws(Diagnostic) -> PreviousLayer {
        let blob = try await provider.blob(table.layer.descriptor).verified()
        let layer = PreviousLayer(table) { offset, count throws(Diagnostic) in try blob.read(at: offset, count: count) }
        switch try layer.fit(planned.compression) {
        case .good: return layer
        case .corrupt: throw Self.corrupt(table)
        case .otherCompression:
            throw Diagnostic(.reuseOtherCompression, "the layer is not compressed as its record says")
        }
    }

    /// What is reported if the layer that `table` describes has other bytes.
    static func corrupt(_ table: BlockTable) -> Diagnostic {
        Diagnostic(
            .reuseOtherContent,
            "the layer is corrupt",
            because: "\(table.layer.descriptor.digest) does not have the bytes that its record says"
        )
    }

    /// The note about a record that cannot be used.
    func refusal(_ error: Diagnostic) -> Diagnostic {
        Diagnostic(
            .reuseRefused,
            "a record of `\(name)` is not used: \(createdBy)",
            at: .blob(record.digest.description),
            because: [error.summary, error.reason].compactMap(\.self).joined(separator: ": ")
        )
    }

    private func unusable(_ reason: String) -> Diagnostic {
        Diagnostic(.reuseOtherContent, "it is not what it claims to be", because: reason)
    }
}
