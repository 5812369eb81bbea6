import ByteIO
package import Diagnostics

// What a table of somebody else's is good for. Its stamps are of another machine, and its word is not taken.

extension BlockTable {
    /// The same without what is only true where it was made: no block is taken before the files that it is to be made from
    /// were read, and found to give its bytes.
    package var withoutStamps: BlockTable {
        BlockTable(
            layer: layer,
            compression: compression,
            blocks: blocks.map { block in
                Block(
                    identity: BlockIdentity(structure: block.identity.structure, stamps: nil),
                    plainSize: block.plainSize,
                    compressedSize: block.compressedSize,
                    compressedChecksum: block.compressedChecksum,
                    end: block.end
                )
            }
        )
    }
}

extension LayerComparison {
    /// How many blocks may be the previous layer's.
    package var likeCount: Int { matches.count { $0 != .new } }
}

extension PreviousLayer {
    /// As many blocks are compressed again to see that they come out the same.
    private static let sampleCount = 4

    /// Whether the blob is compressed as its table says, by a sample.
    ///
    /// - Throws: `layer.previous-rotten` if blob and table do not fit each other.
    package func isCompressed(by compression: LayerCompression) throws(Diagnostic) -> Bool {
        guard table.compression == compression.description, !table.blocks.isEmpty else { return false }
        let pool = CompressorPool(level: compression.level)
        for index in stride(from: 0, to: table.blocks.count, by: max(1, table.blocks.count / Self.sampleCount)) {
            let there = try compressed(index)
            guard try pool.compress(try plain(index, from: there)).hasSameBytes(as: there) else { return false }
        }
        return true
    }
}
