import Archive
import ByteIO
import Diagnostics
import OCI

/// The layer's bytes in order: both hash chains, the format's frame, the sizes, and the table of the blocks.
struct LayerOutput: ~Copyable {
    private let compression: LayerCompression
    private var diffID = SHA256Hasher()
    private var digest = SHA256Hasher()
    private var checksum = CRC32()
    private var plainSize: Int64 = 0
    private(set) var compressedSize: Int64 = 0
    private var blocks: [BlockTable.Block] = []
    private var reusedCount = 0

    init(_ compression: LayerCompression) { self.compression = compression }

    /// Writes what stands before the first block that has to be looked at; `false` if the previous layer is corrupt.
    mutating func begin<Sink: ByteSink & ~Copyable>(
        with work: LayerComparison,
        _ sink: inout Sink
    ) throws(Diagnostic) -> Bool {
        let header = compression.codec.header
        guard let previous = work.previous, work.unchangedCount > 0 else {
            try emit(header, to: &sink)
            return true
        }
        let end = previous.table.blocks[work.unchangedCount - 1].end
        digest = SHA256Hasher(resuming: end.compressedHash)
        diffID = SHA256Hasher(resuming: end.plainHash)
        checksum = end.checksum
        plainSize = end.plainSize
        try copy(header, from: end, to: &sink)
        for index in 0..<work.unchangedCount {
            guard let bytes = previous.compressed(index) else { return false }
            try copy(bytes, from: end, to: &sink)
        }
        blocks = Array(previous.table.blocks.prefix(work.unchangedCount))
        reusedCount = work.unchangedCount
        return true
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
        block.plain.withUnsafeBytes { diffID.update($0) }
        checksum = checksum.followed(by: block.plainChecksum, size: block.plain.count)
        plainSize += Int64(block.plain.count)
        try emit(block.compressed, to: &sink)
        if block.isReused { reusedCount += 1 }
        blocks.append(
            BlockTable.Block(
                identity: identity,
                plainSize: block.plain.count,
                compressedSize: block.compressed.count,
                compressedChecksum: block.compressedChecksum,
                end: state
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

    consuming func finish<Sink: ByteSink & ~Copyable>(_ sink: inout Sink) throws(Diagnostic) -> LayerWriter.Result {
        try emit(compression.codec.tail(after: state), to: &sink)
        let layer = WrittenLayer(
            descriptor: Descriptor(
                mediaType: compression.codec.mediaType,
                digest: digest.finalize(),
                size: compressedSize
            ),
            diffID: DiffID(diffID.finalize()),
            uncompressedSize: plainSize
        )
        return LayerWriter.Result(
            table: BlockTable(
                layer: layer,
                codec: compression.codec,
                compression: compression.description,
                blocks: blocks
            ),
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
