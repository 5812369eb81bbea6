import Archive
import ByteIO
package import Diagnostics
import OCI

/// A layer that was written before: its table, and its blob, which may be corrupt.
package struct PreviousLayer: Sendable {
    package let table: BlockTable
    private let read: @Sendable (_ offset: Int64, _ count: Int) throws(Diagnostic) -> [UInt8]

    /// - Parameter read: gives the `count` bytes of the blob from `offset` on; fewer at its end.
    package init(
        _ table: BlockTable,
        read: @escaping @Sendable (_ offset: Int64, _ count: Int) throws(Diagnostic) -> [UInt8]
    ) {
        self.table = table
        self.read = read
    }

    /// A block's stretch of the blob; `nil` if it is corrupt or cannot be read.
    func compressed(_ index: Int) -> [UInt8]? {
        let block = table.blocks[index]
        let bytes = bytes(at: block.end.compressedSize - Int64(block.compressedSize), count: block.compressedSize)
        guard let bytes, bytes.count == block.compressedSize, CRC32(of: bytes) == block.compressedChecksum else {
            return nil
        }
        return bytes
    }

    /// A block's stretch of the tar, out of its stretch of the blob; `nil` if that is corrupt.
    func plain(_ index: Int, from compressed: [UInt8]) -> [UInt8]? {
        table.codec.expand(compressed, size: table.blocks[index].plainSize)
    }

    /// Whether bytes of the tar are block `index`, by their size and checksum.
    func hasBlock(_ index: Int, _ checksum: CRC32, size: Int) -> Bool {
        let block = table.blocks[index]
        let before = index > 0 ? table.blocks[index - 1].end.checksum : CRC32()
        return size == block.plainSize && before.followed(by: checksum, size: size) == block.end.checksum
    }

    /// Whether the whole blob is what was written, by checksums: detects corruption, not tampering.
    ///
    /// - Parameter cores: how many blocks are read at the same time. This check is a third of the cost of a build in
    ///   which nothing changed.
    package func isIntact(cores: Int) async throws(Diagnostic) -> Bool {
        let width = max(1, min(cores, table.blocks.count))
        let shares = (0..<width).map { share in stride(from: share, to: table.blocks.count, by: width) }
        let areIntact = try await concurrently(shares, atMost: width) { share throws(Diagnostic) in
            share.allSatisfy { compressed($0) != nil }
        }
        guard !areIntact.contains(false), let end = table.blocks.last?.end else { return false }
        if let checksum = table.indexChecksum {
            let size = table.layer.descriptor.size - end.compressedSize
            let index = bytes(at: end.compressedSize, count: Int(clamping: size) + 1)
            return index.map { Int64($0.count) == size && CRC32(of: $0) == checksum } ?? false
        }
        let (header, tail) = (table.codec.header, table.codec.tail(after: end))
        return table.layer.descriptor.size == end.compressedSize + Int64(tail.count)
            && bytes(at: 0, count: header.count) == header
            && bytes(at: end.compressedSize, count: tail.count + 1) == tail
    }

    private func bytes(at offset: Int64, count: Int) -> [UInt8]? {
        do throws(Diagnostic) {
            return try read(offset, count)
        } catch {
            // Bytes that cannot be read are as useless as corrupt ones.
            return nil
        }
    }
}
