import Archive
import ByteIO
import Diagnostics
import OCI

/// The layer's bytes in order: both hash chains, the format's frame, the sizes, and the table of the blocks.
struct LayerOutput: ~Copyable {
    private let compression: LayerCompression
    private var diffID = SHA256Hasher()
    private var digest = SHA256Hasher()
    /// How much of the blob `digest` counted from the beginning, in bytes.
    private var hashedSize: Int64 = 0
    private var checksum = CRC32()
    private var plainSize: Int64 = 0
    private(set) var compressedSize: Int64 = 0
    private var blocks: [BlockTable.Block] = []
    private var reusedCount = 0

    /// Begins the blob. Behind it come the unchanged blocks at the front, as they are compressed: their hashes are known.
    init<Sink: ByteSink & ~Copyable>(_ work: LayerComparison, _ sink: inout Sink) throws(Diagnostic) {
        compression = work.compression
        if let previous = work.previous, work.unchangedCount > 0 {
            blocks = Array(previous.table.blocks.prefix(work.unchangedCount))
            reusedCount = work.unchangedCount
            let end = blocks[work.unchangedCount - 1].end
            digest = SHA256Hasher(resuming: end.compressedHash)
            hashedSize = Int64(end.compressedHash.count)
            diffID = SHA256Hasher(resuming: end.plainHash)
            checksum = end.checksum
            plainSize = end.plainSize
        }
        try write(compression.codec.header, to: &sink)
    }

    /// Writes the next bytes of the blob, and counts them unless the digest went on from behind them.
    mutating func write<Sink: ByteSink & ~Copyable>(_ bytes: [UInt8], to sink: inout Sink) throws(Diagnostic) {
        try sink.write(bytes)
        let counted = min(Int64(bytes.count), max(0, hashedSize - compressedSize))
        bytes.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[Int(counted)...])) }
        compressedSize += Int64(bytes.count)
    }

    mutating func append<Sink: ByteSink & ~Copyable>(
        _ block: FinishedBlock.Bytes,
        _ identity: BlockIdentity,
        to sink: inout Sink
    ) throws(Diagnostic) {
        block.plain.withUnsafeBytes { diffID.update($0) }
        checksum = checksum.followed(by: block.plainChecksum, size: block.plain.count)
        plainSize += Int64(block.plain.count)
        try write(block.compressed, to: &sink)
        if block.isReused { reusedCount += 1 }
        blocks.append(
            BlockTable.Block(
                identity: identity,
                plainSize: block.plain.count,
                compressedSize: block.compressed.count,
                compressedChecksum: block.compressedChecksum,
                end: state,
                pieces: block.pieces
            )
        )
    }

    private var state: LayerState {
        LayerState(
            plainHash: diffID.midstate,
            plainSize: plainSize,
            checksum: checksum,
            compressedHash: digest.midstate,
            compressedSize: compressedSize
        )
    }

    /// - Parameter large: what is known of the files that are larger than a block.
    consuming func finish<Sink: ByteSink & ~Copyable>(
        _ work: LayerComparison,
        _ large: LargeFiles,
        _ sink: inout Sink
    ) throws(Diagnostic) -> LayerWriter.Result {
        let codec = compression.codec
        var annotations: [String: String]?
        var indexChecksum: CRC32?
        if codec.isIndexed {
            let index = LayerIndex(
                layout: work.layout,
                extents: zip(work.blocks, blocks).map { LayerIndex.Extent($0, $1) },
                large: large,
                plainSize: plainSize,
                compressedSize: compressedSize
            )
            let tail = try codec.indexTail(of: index)
            tail.plain.withUnsafeBytes { diffID.update($0) }
            plainSize += Int64(tail.plain.count)
            annotations = tail.annotations
            indexChecksum = CRC32(of: tail.compressed)
            try write(tail.compressed, to: &sink)
        } else {
            try write(codec.tail(after: state), to: &sink)
        }
        let layer = WrittenLayer(
            descriptor: Descriptor(
                mediaType: codec.mediaType,
                digest: digest.finalize(),
                size: compressedSize,
                annotations: annotations
            ),
            diffID: DiffID(diffID.finalize()),
            uncompressedSize: plainSize
        )
        return LayerWriter.Result(
            table: BlockTable(
                layer: layer,
                codec: codec,
                compression: compression.description,
                blocks: blocks,
                indexChecksum: indexChecksum
            ),
            reusedCount: reusedCount
        )
    }
}
