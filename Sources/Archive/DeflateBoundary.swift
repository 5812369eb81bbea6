/// Where the last block of a raw deflate stream begins and where it ends.
///
/// A stream that is to be joined to another has its last block's BFINAL bit cleared and goes on after that block's end.
/// A compressor that knows no way of joining does not say where these two places are, and the bits alone do not either:
/// blocks have no lengths. So the Huffman codes are walked, without producing the output they stand for, which takes a
/// fraction of an inflate's time; `outputSize` comes out on the way, and proves that the walk and the compressor agree.
///
/// RFC 1951 § 3.2.
package struct DeflateBoundary: Hashable, Sendable {
    /// The bit offset of the last block's header, whose first bit is BFINAL.
    package let lastBlock: Int
    /// The bit offset behind the last block's end.
    package let end: Int
    /// How many bytes the stream inflates to.
    package let outputSize: Int

    /// Bytes that must be readable behind the stream, whatever they hold: the walk loads eight at a time.
    package static let readableSlack = 16

    /// Walks the `count` bytes at `stream`; nil if they are not a whole deflate stream.
    package init?(of stream: UnsafePointer<UInt8>, count: Int) {
        var walk = DeflateWalk(stream: stream, count: count)
        guard let boundary = walk.run() else { return nil }
        self = boundary
    }

    fileprivate init(lastBlock: Int, end: Int, outputSize: Int) {
        self.lastBlock = lastBlock
        self.end = end
        self.outputSize = outputSize
    }
}

/// What the walk knows about one Huffman code, as canonical codes are read bit by bit (for the rare long ones), and as a
/// table that is indexed by the next bits (for all others).
private struct HuffmanTable: ~Copyable {
    /// An entry: bits 0–7 what to drop in all, 8–15 how many of these are extra bits, 16–30 the output's base size,
    /// bit 31 set for literals, so that one look at the sign tells. Zero: the code is longer than the index.
    let entries: UnsafeMutablePointer<UInt32>
    let indexBits: Int
    let counts: UnsafeMutablePointer<UInt16>
    let symbols: UnsafeMutablePointer<UInt16>

    init(indexBits: Int) {
        self.indexBits = indexBits
        entries = .allocate(capacity: 1 << indexBits)
        counts = .allocate(capacity: 16)
        symbols = .allocate(capacity: 320)
    }

    deinit {
        entries.deallocate()
        counts.deallocate()
        symbols.deallocate()
    }

    /// Builds the code whose lengths, one a symbol, are `lengths`; false if they are no code.
    ///
    /// `values` gives each symbol's entry without its code's length.
    func build(_ lengths: UnsafePointer<UInt8>, _ count: Int, values: UnsafePointer<UInt32>) -> Bool {
        for length in 0..<16 { counts[length] = 0 }
        for symbol in 0..<count { counts[Int(lengths[symbol])] += 1 }
        counts[0] = 0
        var left = 1
        for length in 1..<16 {
            left = left * 2 - Int(counts[length])
            if left < 0 { return false }
        }
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 32) { scratch in
            guard let next = scratch.baseAddress else { return false }
            let codes = next + 16
            next[1] = 0
            codes[1] = 0
            for length in 1..<15 {
                next[length + 1] = next[length] + Int32(counts[length])
                codes[length + 1] = (codes[length] + Int32(counts[length])) << 1
            }
            let size = 1 << indexBits
            for index in 0..<size { entries[index] = 0 }
            for symbol in 0..<count where lengths[symbol] != 0 {
                let length = Int(lengths[symbol])
                symbols[Int(next[length])] = UInt16(symbol)
                next[length] += 1
                let code = codes[length]
                codes[length] += 1
                guard length <= indexBits else { continue }
                var index = Int(Self.reversed(UInt32(code), length))
                let entry = values[symbol] + UInt32(length)
                while index < size {
                    entries[index] = entry
                    index += 1 << length
                }
            }
            return true
        }
    }

    /// Puts two literals into one entry where both codes fit the index.
    func pairLiterals() {
        let size = 1 << indexBits
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: size) { single in
            guard let single = single.baseAddress else { return }
            single.update(from: entries, count: size)
            for index in 0..<size {
                let first = single[index]
                guard isLiteral(first) else { continue }
                let second = single[index &>> Int(first & 0xFF)]
                let both = first &+ (second & 0x7FFF_FFFF)
                // The bits above the first code are known only as far as the index goes.
                if isLiteral(second), both & 0xFF <= UInt32(indexBits) { entries[index] = both }
            }
        }
    }

    /// Reads one code bit by bit; its symbol and length, or nil if no code begins like this.
    func slowSymbol(_ bits: UInt64) -> (symbol: Int, length: Int)? {
        var code = 0
        var first = 0
        var index = 0
        for length in 1..<16 {
            code |= Int((bits >> UInt64(length - 1)) & 1)
            let count = Int(counts[length])
            if code - count < first { return (Int(symbols[index + code - first]), length) }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        return nil
    }

    private static func reversed(_ code: UInt32, _ length: Int) -> UInt32 {
        var (rest, result) = (code, UInt32(0))
        for _ in 0..<length {
            result = result << 1 | rest & 1
            rest >>= 1
        }
        return result
    }
}

/// The stream's bits, lowest first.
private struct BitReader {
    let stream: UnsafePointer<UInt8>
    let count: Int
    /// Bits that were loaded and not yet used, the next one lowest, and how many of them are valid.
    var bits: UInt64 = 0
    var available = 0
    var position = 0

    init(stream: UnsafePointer<UInt8>, count: Int) {
        self.stream = stream
        self.count = count
    }

    /// Of the next unused bit.
    var bitPosition: Int { position * 8 - available }

    /// Loads so many bytes that at least 56 bits are available, unless the stream ends before.
    @inline(__always)
    mutating func refill() {
        // A worn-out stream loads nothing more, and `available` sinks. What was loaded from the slack behind the end is
        // never taken for content, because every block ends with a look at the position.
        if position <= count { load() }
    }

    /// The same, where a refill was just before: the slack is long enough for two.
    @inline(__always)
    mutating func load() {
        let word = UnsafeRawPointer(stream + position).loadUnaligned(as: UInt64.self).littleEndian
        bits |= word &<< UInt64(truncatingIfNeeded: available)
        let taken = (63 &- available) &>> 3
        position &+= taken
        available &+= taken &<< 3
    }

    @inline(__always)
    mutating func drop(_ length: Int) {
        bits &>>= UInt64(truncatingIfNeeded: length)
        available &-= length
    }

    @inline(__always)
    mutating func take(_ length: Int) -> Int {
        let value = Int(truncatingIfNeeded: bits & ((1 &<< UInt64(truncatingIfNeeded: length)) &- 1))
        drop(length)
        return value
    }

    /// Goes to the next whole byte and skips `size` bytes there that a length and its complement announce.
    mutating func skipStored() -> Int? {
        let at = (bitPosition + 7) / 8
        guard at + 4 <= count else { return nil }
        let size = Int(stream[at]) | Int(stream[at + 1]) << 8
        guard Int(stream[at + 2]) | Int(stream[at + 3]) << 8 == size ^ 0xFFFF, at + 4 + size <= count else {
            return nil
        }
        (position, bits, available) = (at + 4 + size, 0, 0)
        return size
    }
}

private struct DeflateWalk: ~Copyable {
    private var reader: BitReader
    private var outputSize = 0
    private let literals = HuffmanTable(indexBits: 11)
    private let distances = HuffmanTable(indexBits: 9)

    init(stream: UnsafePointer<UInt8>, count: Int) {
        reader = BitReader(stream: stream, count: count)
    }

    mutating func run() -> DeflateBoundary? {
        let endOfStream = reader.count * 8
        while true {
            let start = reader.bitPosition
            guard start + 3 <= endOfStream else { return nil }
            reader.refill()
            let isLast = reader.take(1) == 1
            let isWalked: Bool
            switch reader.take(2) {
            case 0: isWalked = skipStored()
            case 1: isWalked = buildFixed() && skipCodes()
            case 2: isWalked = buildDynamic() && skipCodes()
            default: isWalked = false
            }
            guard isWalked, reader.bitPosition <= endOfStream else { return nil }
            if isLast { return DeflateBoundary(lastBlock: start, end: reader.bitPosition, outputSize: outputSize) }
        }
    }

    private mutating func skipStored() -> Bool {
        guard let size = reader.skipStored() else { return false }
        outputSize += size
        return true
    }

    private func buildFixed() -> Bool {
        build(literals: DeflateSymbols.fixedLiteralLengths, distances: DeflateSymbols.fixedDistanceLengths)
    }

    private mutating func buildDynamic() -> Bool {
        reader.refill()
        let literalCount = reader.take(5) + 257
        let distanceCount = reader.take(5) + 1
        let codeCount = reader.take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { return false }
        var codeLengths = [UInt8](repeating: 0, count: 19)
        for index in 0..<codeCount {
            reader.refill()
            codeLengths[Int(DeflateSymbols.codeLengthOrder[index])] = UInt8(reader.take(3))
        }
        // The distances' table is free until the lengths are known.
        guard distances.build(codeLengths, 19, values: DeflateSymbols.distances) else { return false }
        var lengths = [UInt8]()
        lengths.reserveCapacity(literalCount + distanceCount)
        while lengths.count < literalCount + distanceCount {
            reader.refill()
            guard reader.available > 0, let (symbol, length) = distances.slowSymbol(reader.bits) else { return false }
            reader.drop(length)
            switch symbol {
            case 0..<16: lengths.append(UInt8(symbol))
            case 16:
                guard let last = lengths.last else { return false }
                lengths += repeatElement(last, count: reader.take(2) + 3)
            case 17: lengths += repeatElement(0, count: reader.take(3) + 3)
            default: lengths += repeatElement(0, count: reader.take(7) + 11)
            }
        }
        guard lengths.count == literalCount + distanceCount, lengths[256] != 0 else { return false }
        return build(literals: Array(lengths[..<literalCount]), distances: Array(lengths[literalCount...]))
    }

    private func build(literals literalLengths: [UInt8], distances distanceLengths: [UInt8]) -> Bool {
        guard
            literals.build(literalLengths, literalLengths.count, values: DeflateSymbols.literals),
            distances.build(distanceLengths, distanceLengths.count, values: DeflateSymbols.distances)
        else { return false }
        literals.pairLiterals()
        return true
    }

    /// Skips a block's symbols up to and including its end; false where they are no codes.
    private mutating func skipCodes() -> Bool {
        // Locals, so that the loop runs in registers.
        var reader = self.reader
        var size = 0
        defer {
            self.reader = reader
            outputSize += size
        }
        let literalEntries = literals.entries
        let literalMask = (UInt64(1) << UInt64(literals.indexBits)) - 1
        let distanceEntries = distances.entries
        let distanceMask = (UInt64(1) << UInt64(distances.indexBits)) - 1
        while reader.available >= 0 {
            reader.refill()
            var entry = literalEntries[Int(truncatingIfNeeded: reader.bits & literalMask)]
            // Three entries of at most 11 bits each fit into what one refill brings.
            if isLiteral(entry) {
                reader.drop(Int(entry & 0xFF))
                size &+= Int(entry >> 16 & 0x7FFF)
                entry = literalEntries[Int(truncatingIfNeeded: reader.bits & literalMask)]
                if isLiteral(entry) {
                    reader.drop(Int(entry & 0xFF))
                    size &+= Int(entry >> 16 & 0x7FFF)
                    entry = literalEntries[Int(truncatingIfNeeded: reader.bits & literalMask)]
                    if isLiteral(entry) {
                        reader.drop(Int(entry & 0xFF))
                        size &+= Int(entry >> 16 & 0x7FFF)
                        continue
                    }
                }
                reader.load()
            }
            if entry == 0 {
                guard let (symbol, length) = literals.slowSymbol(reader.bits) else { return false }
                entry = DeflateSymbols.literals[symbol] + UInt32(length)
                if isLiteral(entry) {
                    reader.drop(length)
                    size &+= 1
                    continue
                }
            }
            // What is left is a match's length, or the block's end, whose base is zero.
            let base = Int(entry >> 16 & 0x7FFF)
            let dropped = Int(entry & 0xFF)
            if base == 0 {
                reader.drop(dropped)
                return true
            }
            let extra = UInt64(entry >> 8 & 0xFF)
            let behindCode = reader.bits &>> (UInt64(truncatingIfNeeded: dropped) &- extra)
            size &+= base &+ Int(truncatingIfNeeded: behindCode & ((1 &<< extra) &- 1))
            reader.drop(dropped)
            var distance = distanceEntries[Int(truncatingIfNeeded: reader.bits & distanceMask)]
            if distance == 0 {
                guard let (symbol, length) = distances.slowSymbol(reader.bits) else { return false }
                distance = DeflateSymbols.distances[symbol] + UInt32(length)
            }
            reader.drop(Int(distance & 0xFF))
        }
        return false
    }

}

@inline(__always)
private func isLiteral(_ entry: UInt32) -> Bool { Int32(bitPattern: entry) < 0 }

/// RFC 1951 § 3.2.5 and § 3.2.7, in the form of `HuffmanTable`'s entries without the code's length.
private enum DeflateSymbols {
    static let codeLengthOrder: [UInt8] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    static let literals: [UInt32] = {
        var values = [UInt32](repeating: 1 << 31 | 1 << 16, count: 256)
        values.append(0)
        var base: UInt32 = 3
        for symbol in 257..<285 {
            let extra: UInt32 = symbol < 265 ? 0 : UInt32(symbol - 261) / 4
            values.append(base << 16 | extra << 8 | extra)
            base += 1 << extra
        }
        values.append(258 << 16)
        // 286 and 287 take part in the fixed code's construction and never occur.
        return values + [0, 0]
    }()

    static let distances: [UInt32] = (0..<32).map { symbol in
        let extra: UInt32 = symbol < 4 ? 0 : UInt32(symbol) / 2 - 1
        return extra << 8 | extra
    }

    static let fixedLiteralLengths: [UInt8] =
        [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
        + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8)
    static let fixedDistanceLengths = [UInt8](repeating: 5, count: 30)
}
