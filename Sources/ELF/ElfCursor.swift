/// How numbers are written in one ELF file: `EI_CLASS` and `EI_DATA`.
package struct ElfFormat: Hashable, Sendable {
    /// The size of addresses and offsets.
    package enum Class: UInt8, Hashable, Sendable {
        case bits32 = 1
        case bits64 = 2
    }

    package enum ByteOrder: UInt8, Hashable, Sendable {
        case little = 1
        case big = 2
    }

    package let elfClass: Class
    package let byteOrder: ByteOrder

    package init(_ elfClass: Class, _ byteOrder: ByteOrder) {
        self.elfClass = elfClass
        self.byteOrder = byteOrder
    }
}

/// Reads the fields of ELF records one after another. A read returns `nil` at the end of the bytes, else it moves on.
struct ElfCursor {
    private let bytes: [UInt8]
    private let format: ElfFormat
    private(set) var position: Int

    /// Starts at `position`, which may be outside `bytes`: then there is nothing to read.
    init(_ bytes: [UInt8], _ format: ElfFormat, at position: Int = 0) {
        self.bytes = bytes
        self.format = format
        self.position = min(max(0, position), bytes.count)
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func uint8() -> UInt8? {
        guard !isAtEnd else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func uint16() -> UInt16? { integer(UInt16.self) }

    mutating func uint32() -> UInt32? { integer(UInt32.self) }

    mutating func uint64() -> UInt64? { integer(UInt64.self) }

    /// An address, an offset or a size: 4 or 8 bytes, as the file's class says.
    mutating func address() -> UInt64? {
        switch format.elfClass {
        case .bits32: uint32().map(UInt64.init)
        case .bits64: uint64()
        }
    }

    /// A number in unsigned LEB128, as in Go's and ARM's records; `nil` if it has more than 64 bits.
    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = uint8() {
            let bits = UInt64(byte & 0x7F)
            guard shift < 64, (bits << shift) >> shift == bits else { return nil }
            value |= bits << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        return nil
    }

    /// The bytes up to the next NUL, which is skipped.
    mutating func terminatedBytes() -> ArraySlice<UInt8>? {
        guard let end = bytes[position...].firstIndex(of: 0) else { return nil }
        defer { position = end + 1 }
        return bytes[position..<end]
    }

    /// The next `count` bytes.
    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private mutating func integer<Integer: FixedWidthInteger & UnsignedInteger>(_ type: Integer.Type) -> Integer? {
        guard let field = take(Integer.bitWidth / 8) else { return nil }
        return switch format.byteOrder {
        case .little: field.reversed().reduce(0) { $0 << 8 | Integer($1) }
        case .big: field.reduce(0) { $0 << 8 | Integer($1) }
        }
    }
}
