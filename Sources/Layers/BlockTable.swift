import Archive
package import OCI

/// How a written layer is made of blocks, and what each was made from: enough to write the layer again, changed, at the
/// cost of what changed.
package struct BlockTable: Hashable, Sendable {
    package struct Block: Hashable, Sendable {
        let identity: BlockIdentity
        /// Size of its stretch of the tar, in bytes.
        let plainSize: Int
        /// Size of its stretch of the blob, in bytes.
        let compressedSize: Int
        /// The checksum of its stretch of the blob.
        let compressedChecksum: CRC32
        /// The state of the layer behind it.
        let end: LayerState
        /// How it is cut; empty in a blob without index.
        var pieces: [BlockPiece] = []
    }

    package let layer: WrittenLayer
    package let codec: LayerCodec
    /// What decided the bytes besides the tar: `LayerCompression.description`.
    package let compression: String
    package let blocks: [Block]
    /// The checksum of what stands behind the blocks, if that is an index.
    var indexChecksum: CRC32?
}

/// A layer that is being written, between two blocks.
struct LayerState: Hashable, Sendable {
    /// The hash of the tar so far.
    let plainHash: SHA256Hasher.Midstate
    let plainSize: Int64
    /// The checksum of the tar so far.
    let checksum: CRC32
    /// The hash of the blob so far, as it was after a multiple of 64 bytes.
    let compressedHash: SHA256Hasher.Midstate
    let compressedSize: Int64
}
