import CDeflate

/// The frame of a gzip stream with one member.
///
/// One, because readers of layers exist that stop after the first, although RFC 1952 § 2.2 allows several.
package enum GzipMember {
    /// RFC 1952 § 2.3: deflate, no flags, no time, no extra flags, and 255 for "unknown" system, which differs between
    /// builds of a compressor where it is filled in, and would change the digest.
    package static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    /// CRC-32 (RFC 1952 § 8).
    package static func checksum(of bytes: [UInt8]) -> UInt32 { libdeflate_crc32(0, bytes, bytes.count) }

    /// The checksum and size that end the member.
    package struct Trailer: Sendable {
        /// CRC-32 of the bytes counted.
        package private(set) var checksum: UInt32
        private var size: UInt32

        package init() { self.init(checksum: 0, size: 0) }

        /// Goes on where another one was, after `size` bytes.
        package init(checksum: UInt32, size: Int64) {
            self.checksum = checksum
            self.size = UInt32(truncatingIfNeeded: size)
        }

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
