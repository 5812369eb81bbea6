/// The CRC-64 of bytes with ISO 3309's polynomial, as tar-split keeps it of each file: detects corruption, not tampering.
package struct CRC64: Hashable, Sendable {
    package private(set) var value: UInt64 = 0

    /// The checksum of no bytes.
    package init() {}

    /// Continues from the checksum of the bytes before.
    package init(resuming value: UInt64) { self.value = value }

    /// Checksums of each byte followed by 0 to 7 zeros, one table behind the other.
    private static let tables: [UInt64] = {
        var tables = [UInt64](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var rest = UInt64(index)
            for _ in 0..<8 { rest = rest & 1 == 1 ? rest >> 1 ^ 0xD800_0000_0000_0000 : rest >> 1 }
            tables[index] = rest
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = tables[Int(before & 0xFF)] ^ before >> 8
        }
        return tables
    }()

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = ~value
        Self.tables.withUnsafeBufferPointer { tables in
            var place = 0
            while place + 8 <= bytes.count {
                rest ^= UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                var next: UInt64 = 0
                for index in 0..<8 {
                    next ^= tables[(7 - index) << 8 | Int(truncatingIfNeeded: rest >> (8 * UInt64(index)) & 0xFF)]
                }
                rest = next
                place += 8
            }
            while place < bytes.count {
                rest = tables[Int(truncatingIfNeeded: (rest ^ UInt64(bytes[place])) & 0xFF)] ^ rest >> 8
                place += 1
            }
        }
        value = ~rest
    }

    /// The eight bytes, the highest first.
    package var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) } }
}
