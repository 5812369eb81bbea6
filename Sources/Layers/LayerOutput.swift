import Archive
import ByteIO
import Diagnostics
import OCI

/// The layer's bytes in order: both hash chains, the gzip frame, the sizes, and the table of the blocks.
struct LayerOutput: ~Copyable {
    private var diffID = SHA256Hasher()
    private var digest = SHA256Hasher()
    private var trailer = GzipMember.Trailer()
    private var plainSize: Int64 = 0
    private var compressedSize: Int64 = 0
    private var blocks: [BlockTable.Block] = []
    private var reusedCount = 0

    /// Writes what stands before the first block that has to be looked at.
    mutating func begin<Sink: ByteSink & ~Copyable>(with work: LayerComparison, _ sink: inout Sink) throws(Diagnostic) {
        guard let previous = work.previous, work.unchangedCount > 0 else {
            try emit(GzipMember.header, to: &sink)
            return
        }
        let end = previous.table.blocks[work.unchangedCount - 1].end
        digest = SHA256Hasher(resuming: end.compressedHash)
        diffID = SHA256Hasher(resuming: end.plainHash)
        trailer = GzipMember.Trailer(checksum: end.checksum, size: end.plainSize)
        plainSize = end.plainSize
        try copy(GzipMember.header, from: end, to: &sink)
        for index in 0..<work.unchangedCount { try copy(try previous.compressed(index), from: end, to: &sink) }
        blocks = Array(previous.table.blocks.prefix(work.unchangedCount))
        reusedCount = work.unchangedCount
    }

    /// Writes bytes that are counted already, but for those behind the state that the hash goes on from.
    private mutating func copy<Sink: ByteSink & ~Copyable>(
        _ bytes: [UInt8],
        from state: LayerState,
        to sink: inout Sink
    ) throws(Diagnostic) {
        try sink.write(bytes)
        let uncounted = compressedSize + Int64(bytes.count) - max(compressedSize, Int64(state.compressedHash.count))
        if uncounted > 0 { bytes[(bytes.count - Int(uncounted))...].withUnsafeBytes { digest.update($0) } }
        compressedSize += Int64(bytes.count)
    }

    mutating func append<Sink: ByteSink & ~Copyable>(
        _ block: FinishedBlock.Bytes,
        _ identity: BlockIdentity,
        to sink: inout Sink
    ) throws(Diagnostic) {
        block.plain.withUnsafeBytes { bytes in
            diffID.update(bytes)
            trailer.update(bytes)
        }
        plainSize += Int64(block.plain.count)
        try emit(block.compressed, to: &sink)
        if block.isReused { reusedCount += 1 }
        blocks.append(
            BlockTable.Block(
                identity: identity,
                plainSize: block.plain.count,
                compressedSize: block.compressed.count,
                compressedChecksum: block.compressedChecksum,
                end: LayerState(
                    plainHash: diffID.midstate,
                    plainSize: plainSize,
                    checksum: trailer.checksum,
                    compressedHash: digest.midstate,
                    compressedSize: compressedSize
                )
            )
        )
    }

    consuming func finish<Sink: ByteSink & ~Copyable>(
        _ compression: LayerCompression,
        _ sink: inout Sink
    ) throws(Diagnostic) -> LayerWriter.Result {
        try emit(BlockCompressor.terminator + trailer.bytes, to: &sink)
        let layer = WrittenLayer(
            descriptor: Descriptor(mediaType: .layerTarGzip, digest: digest.finalize(), size: compressedSize),
            diffID: DiffID(diffID.finalize()),
            uncompressedSize: plainSize
        )
        return LayerWriter.Result(
            table: BlockTable(layer: layer, compression: compression.description, blocks: blocks),
            reusedCount: reusedCount
        )
    }

    private mutating func emit<Sink: ByteSink & ~Copyable>(
        _ bytes: [UInt8],
        to sink: inout Sink
    ) throws(Diagnostic) {
        bytes.withUnsafeBytes { digest.update($0) }
        try sink.write(bytes)
        compressedSize += Int64(bytes.count)
    }
}
