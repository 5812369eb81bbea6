import Archive
import ByteIO
package import Diagnostics
import OCI

/// A layer that was written before: its table, and its blob, whose bytes need not be what they were.
package struct PreviousLayer: Sendable {
    package let table: BlockTable
    private let read: @Sendable (_ offset: Int64, _ count: Int) throws(Diagnostic) -> [UInt8]

    /// - Parameter read: the `count` bytes of the blob from `offset` on; fewer at its end.
    package init(
        _ table: BlockTable,
        read: @escaping @Sendable (_ offset: Int64, _ count: Int) throws(Diagnostic) -> [UInt8]
    ) {
        self.table = table
        self.read = read
    }

    /// A block's stretch of the blob.
    ///
    /// - Throws: `layer.previous-rotten` if it is not what was written.
    func compressed(_ index: Int) throws(Diagnostic) -> [UInt8] {
        let block = table.blocks[index]
        let bytes = try bytes(at: block.end.compressedSize - Int64(block.compressedSize), count: block.compressedSize)
        guard bytes.count == block.compressedSize, GzipMember.checksum(of: bytes) == block.compressedChecksum else {
            throw rotten
        }
        return bytes
    }

    /// A block's stretch of the tar, out of that of the blob.
    func plain(_ index: Int, from compressed: [UInt8]) throws(Diagnostic) -> [UInt8] {
        guard let bytes = BlockExpander().expand(compressed, size: table.blocks[index].plainSize) else { throw rotten }
        return bytes
    }

    /// Checks the whole blob, by checksums: it is what was written, unless somebody went to great lengths.
    ///
    /// - Parameter cores: how many blocks are read at the same time. It is a third of what a
    ///   build costs in which nothing changed.
    /// - Throws: `layer.previous-rotten`.
    package func check(cores: Int) async throws(Diagnostic) {
        let width = max(1, min(cores, table.blocks.count))
        let shares = (0..<width).map { share in stride(from: share, to: table.blocks.count, by: width) }
        _ = try await concurrently(shares, atMost: width) { share throws(Diagnostic) in
            for index in share { _ = try compressed(index) }
        }
        guard let end = table.blocks.last?.end else { throw rotten }
        let tail = end.tail
        guard
            table.layer.descriptor.size == end.compressedSize + Int64(tail.count),
            try bytes(at: 0, count: LayerState.headerSize) == GzipMember.header,
            try bytes(at: end.compressedSize, count: tail.count + 1) == tail
        else { throw rotten }
    }

    private func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        do throws(Diagnostic) {
            return try read(offset, count)
        } catch {
            // What cannot be read is of no use either.
            throw rotten
        }
    }

    private var rotten: Diagnostic {
        Diagnostic(
            .layerPreviousRotten,
            "a layer that was kept is not what was written",
            because: "\(table.layer.descriptor.digest) has other bytes",
            hint: "delete it from the cache"
        )
    }
}

extension Diagnostic.Code {
    /// Whoever gets it writes the layer without the previous one.
    package static let layerPreviousRotten = Self("layer.previous-rotten", .verification)
}
