import CDeflate

/// The frame of a gzip stream with one member.
///
/// One, because readers of layers exist that stop after the first, although RFC 1952 § 2.2 allows several.
package enum GzipMember {
    /// RFC 1952 § 2.3: deflate, no flags, no time, no extra flags, and 255 for "unknown" system, which differs between
    /// builds of a compressor where it is filled in, and would change the digest.
    package static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    /// The checksum and size that end the member.
    package struct Trailer: Sendable {
        private var checksum: UInt32 = 0
        private var size: UInt32 = 0

        package init() {}

        /// Counts `bytes`, which are the next of the uncompressed stream.
        package mutating func update(_ bytes: UnsafeRawBufferPointer) {
            checksum = libdeflate_crc32(checksum, bytes.baseAddress, bytes.count)
            size &+= UInt32(truncatingIfNeeded: bytes.count)
        }

        /// Eight bytes: CRC-32, then the size modulo 2³², both little-endian.
        package var bytes: [UInt8] {
            [checksum, size].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        }
    }
}
