// One function for each type: records have many thousand numbers, and generic functions are not specialised in other modules.

/// Writes values one after the other: numbers in little-endian order, byte strings preceded by their count.
package struct BinaryWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func put(_ number: UInt8) { bytes.append(number) }
    package mutating func put(_ number: UInt16) { append(number) }
    package mutating func put(_ number: UInt32) { append(number) }
    package mutating func put(_ number: UInt64) { append(number) }
    package mutating func put(_ number: Int64) { append(number) }

    /// At most 4 GiB.
    package mutating func put(_ text: [UInt8]) {
        append(UInt32(truncatingIfNeeded: text.count))
        bytes += text
    }

    /// At most 4 GiB.
    package mutating func put(_ text: ArraySlice<UInt8>) {
        append(UInt32(truncatingIfNeeded: text.count))
        bytes += text
    }

    /// At most 4 GiB.
    package mutating func put(_ text: some Collection<UInt8>) { put(Array(text)) }

    /// Appends six numbers that are in little-endian order already. One append instead of six matters for many thousand files.
    mutating func put(_ numbers: (UInt64, Int64, Int64, Int64, Int64, Int64)) {
        withUnsafeBytes(of: numbers) { bytes += $0 }
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }
}

/// Reads the output of a `BinaryWriter`, and returns `nil` for anything else.
package struct BinaryReader: Sendable {
    private let source: [UInt8]
    /// Number of bytes read so far.
    package private(set) var position: Int

    /// Reads `bytes` from `position` on.
    package init(_ bytes: [UInt8], at position: Int = 0) {
        source = bytes
        self.position = position
    }

    package var isAtEnd: Bool { position == source.count }

    package mutating func number() -> UInt8? { read() }
    package mutating func number() -> UInt16? { read() }
    package mutating func number() -> UInt32? { read() }
    package mutating func number() -> UInt64? { read() }
    package mutating func number() -> Int64? { read() }

    package mutating func bytes() -> [UInt8]? { slice().map { Array($0) } }

    /// The bytes as a slice, without copying them.
    package mutating func slice() -> ArraySlice<UInt8>? {
        guard let count: UInt32 = read(), source.count - position >= Int(count) else { return nil }
        defer { position += Int(count) }
        return source[position..<position + Int(count)]
    }

    private mutating func read<Number: FixedWidthInteger & BitwiseCopyable>() -> Number? {
        let (start, width) = (position, MemoryLayout<Number>.size)
        guard source.count - start >= width else { return nil }
        position += width
        return source.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: Number.self)) }
    }
}
