import CDeflate
import CZlib

/// The CRC-32 of bytes (RFC 1952 § 8): detects corruption, not tampering.
package struct CRC32: Hashable, Sendable {
    package private(set) var value: UInt32

    /// The checksum of no bytes.
    package init() { value = 0 }

    /// Continues from the checksum of the bytes before.
    package init(resuming value: UInt32) { self.value = value }

    package init(of bytes: [UInt8]) { value = libdeflate_crc32(0, bytes, bytes.count) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        value = libdeflate_crc32(value, bytes.baseAddress, bytes.count)
    }

    /// The checksum of these bytes and `size` more behind them, whose own checksum is `next`.
    package func followed(by next: CRC32, size: Int) -> CRC32 {
        CRC32(resuming: UInt32(truncatingIfNeeded: crc32_combine(UInt(value), UInt(next.value), size)))
    }
}
