import Archive
package import OCI

/// How a written layer is made of blocks, and what each was made from: enough to write the layer again, changed, at the
/// cost of what changed.
package struct BlockTable: Hashable, Sendable {
    package struct Block: Hashable, Sendable {
        let identity: BlockIdentity
        /// Of its stretch of the tar, in bytes.
        let plainSize: Int
        /// Of its stretch of the blob, in bytes.
        let compressedSize: Int
        /// CRC-32 of that.
        let compressedChecksum: UInt32
        /// Where the layer stands behind it.
        let end: LayerState
    }

    package let layer: WrittenLayer
    /// What decided the bytes besides the tar: `LayerCompression.description`.
    package let compression: String
    package let blocks: [Block]
}

/// What a block was made from.
///
/// Blocks of the same structure may be equal: they have the same entries, apart from what is in the files. With the same
/// stamps too they are.
struct BlockIdentity: Hashable, Sendable {
    let structure: Digest
    /// Nil where a file was so young that it could have been changed since without a trace.
    let stamps: Digest?
}

/// A layer that is being written, between two blocks.
struct LayerState: Hashable, Sendable {
    /// Of the gzip header, in bytes.
    static let headerSize = 10

    /// Digest of the tar.
    let plainHash: SHA256Hasher.Midstate
    let plainSize: Int64
    /// CRC-32 of the tar.
    let checksum: UInt32
    /// Of the blob, as it was after a multiple of 64 bytes.
    let compressedHash: SHA256Hasher.Midstate
    let compressedSize: Int64

    /// What stands behind the last block, where this state is.
    var tail: [UInt8] {
        BlockCompressor.terminator + GzipMember.Trailer(checksum: checksum, size: plainSize).bytes
    }
}
