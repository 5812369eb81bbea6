/// The frame of a gzip stream with one member.
///
/// One, because readers of layers exist that stop after the first, although RFC 1952 § 2.2 allows several.
package enum GzipMember {
    /// RFC 1952 § 2.3: deflate, no flags, no time, no extra flags, and 255 for "unknown" system, which differs between
    /// builds of a compressor where it is filled in, and would change the digest.
    package static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    /// The eight bytes that end the member: CRC-32, then the size modulo 2³², both little-endian.
    ///
    /// - Parameters:
    ///   - checksum: that of the uncompressed bytes.
    ///   - size: their number.
    package static func trailer(_ checksum: CRC32, size: Int64) -> [UInt8] {
        [checksum.value, UInt32(truncatingIfNeeded: size)].flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
    }
}
