/// Writes values one after the other: numbers little-endian, byte strings with their count before them.
package struct BinaryWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    /// At most 4 GiB.
    package mutating func put(_ text: some Collection<UInt8>) {
        put(UInt32(truncatingIfNeeded: text.count))
        bytes += text
    }
}

/// Reads what a `BinaryWriter` has written, and gives nil where it did not.
package struct BinaryReader: Sendable {
    private var rest: ArraySlice<UInt8>

    package init(_ bytes: [UInt8]) { rest = bytes[...] }

    package var isAtEnd: Bool { rest.isEmpty }

    package mutating func number<Number: FixedWidthInteger>() -> Number? {
        let width = Number.bitWidth / 8
        guard rest.count >= width else { return nil }
        var number = Number.zero
        for byte in rest.prefix(width).reversed() { number = number << 8 | Number(truncatingIfNeeded: byte) }
        rest = rest.dropFirst(width)
        return number
    }

    package mutating func bytes() -> [UInt8]? {
        guard let count: UInt32 = number(), rest.count >= Int(count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return Array(rest.prefix(Int(count)))
    }
}
