import ByteIO
package import Diagnostics

// Layers of other machines. The stamps in their tables mean nothing here, and what the tables say is not trusted.

extension BlockTable {
    /// The same table without stamps, which are true only on the machine that made it: a block is used only after the files
    /// were read and gave its bytes.
    package var withoutStamps: BlockTable {
        BlockTable(
            layer: layer,
            codec: codec,
            compression: compression,
            blocks: blocks.map { block in
                Block(
                    identity: BlockIdentity(structure: block.identity.structure, stamps: nil),
                    plainSize: block.plainSize,
                    compressedSize: block.compressedSize,
                    compressedChecksum: block.compressedChecksum,
                    end: block.end,
                    pieces: block.pieces
                )
            },
            indexChecksum: indexChecksum
        )
    }
}

extension LayerComparison {
    /// How many blocks may be the previous layer's.
    package var likeCount: Int { matches.count { $0 != .new } }
}

extension PreviousLayer {
    /// How a blob and its table fit each other.
    package enum Fit: Hashable, Sendable {
        case good
        /// Compressing the same bytes gives others here.
        case otherCompression
        case corrupt
    }

    /// Number of blocks that are compressed again.
    private static let sampleCount = 4

    /// Whether the blob is compressed as its table says, by a sample of its blocks.
    package func fit(_ compression: LayerCompression) throws(Diagnostic) -> Fit {
        guard table.compression == compression.description, !table.blocks.isEmpty else { return .otherCompression }
        let compressors = compression.codec.compressors(level: compression.level)
        for index in stride(from: 0, to: table.blocks.count, by: max(1, table.blocks.count / Self.sampleCount)) {
            guard let there = compressed(index), let plain = plain(index, from: there) else { return .corrupt }
            let stretches = table.blocks[index].pieces.map(\.stretch)
            guard try compressors.compress(plain, stretches).bytes.hasSameBytes(as: there) else {
                return .otherCompression
            }
        }
        return .good
    }
}
