import Glibc

/// The walk itself: block for block, symbol for symbol, without output.
struct DeflateWalk: ~Copyable {
    private var reader: BitReader
    private var outputSize = 0
    private let literals = HuffmanTable(indexBits: 11)
    private let distances = HuffmanTable(indexBits: 9)
    /// The lengths of a block's codes, one a symbol: the literals', and behind them the distances'.
    private let lengths = UnsafeMutablePointer<UInt8>.allocate(capacity: 320)

    /// How many symbols of either code have a length.
    private struct CodeCounts {
        let literals: Int
        let distances: Int
    }

    init(stream: UnsafePointer<UInt8>, count: Int) {
        reader = BitReader(stream: stream, count: count)
    }

    deinit { lengths.deallocate() }

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
        literals.build(DeflateSymbols.fixedLiteralLengths, 288, values: DeflateSymbols.literals)
            && distances.build(DeflateSymbols.fixedDistanceLengths, 30, values: DeflateSymbols.distances)
    }

    private mutating func buildDynamic() -> Bool {
        guard let counts = readLengths() else { return false }
        return build(counts)
    }

    private func build(_ counts: CodeCounts) -> Bool {
        literals.build(lengths, counts.literals, values: DeflateSymbols.literals)
            && distances.build(lengths + counts.literals, counts.distances, values: DeflateSymbols.distances)
    }

    /// Reads the description of a block's codes into `lengths`.
    private mutating func readLengths() -> CodeCounts? {
        reader.refill()
        let literalCount = reader.take(5) + 257
        let distanceCount = reader.take(5) + 1
        let codeCount = reader.take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { return nil }
        for index in 0..<19 { lengths[index] = 0 }
        for index in 0..<codeCount {
            reader.refill()
            lengths[Int(DeflateSymbols.codeLengthOrder[index])] = UInt8(reader.take(3))
        }
        // The distances' table is free until the lengths are known.
        guard distances.build(lengths, 19, values: DeflateSymbols.distances) else { return nil }
        let wanted = literalCount + distanceCount
        var count = 0
        while count < wanted {
            reader.refill()
            guard reader.available > 0, let (symbol, length) = distances.slowSymbol(reader.bits) else { return nil }
            reader.drop(length)
            var (value, repeats) = (UInt8(0), 1)
            switch symbol {
            case 0..<16: value = UInt8(symbol)
            case 16:
                guard count > 0 else { return nil }
                (value, repeats) = (lengths[count - 1], reader.take(2) + 3)
            case 17: repeats = reader.take(3) + 3
            default: repeats = reader.take(7) + 11
            }
            guard count + repeats <= wanted else { return nil }
            for index in count..<count + repeats { lengths[index] = value }
            count += repeats
        }
        guard lengths[256] != 0 else { return nil }
        return CodeCounts(literals: literalCount, distances: distanceCount)
    }

    /// Skips a block's symbols up to and including its end; `false` if they are not valid codes.
    private mutating func skipCodes() -> Bool {
        literals.pairLiterals()
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

    // MARK: The last block

    /// Walks the last block if one with codes of its own begins at `position`, and its codes use up all patterns of bits.
    mutating func lastBlock(at position: Int) -> DeflateBoundary? {
        reader = BitReader(stream: reader.stream, count: reader.count, from: position)
        outputSize = 0
        reader.refill()
        guard
            reader.take(3) == 0b101, let counts = readLengths(), usesAllPatterns(0..<counts.literals),
            usesAllPatterns(counts.literals..<counts.literals + counts.distances), build(counts), skipCodes(),
            reader.bitPosition <= reader.count * 8
        else { return nil }
        return DeflateBoundary(lastBlock: position, end: reader.bitPosition, outputSize: outputSize)
    }

    private func usesAllPatterns(_ symbols: Range<Int>) -> Bool {
        var left = 1 << 15
        for symbol in symbols where lengths[symbol] > 0 { left -= 1 << (15 - Int(lengths[symbol])) }
        return left == 0
    }

    /// Whether the last block, which begins at `position`, stands for the bytes of `plain` from `start` on.
    mutating func hasLastBlock(at position: Int, of plain: UnsafeRawBufferPointer, from start: Int) -> Bool {
        reader = BitReader(stream: reader.stream, count: reader.count, from: position + 3)
        guard buildDynamic(), let bytes = plain.baseAddress else { return false }
        return hasBytes(bytes.assumingMemoryBound(to: UInt8.self), start, plain.count)
    }

    private mutating func hasBytes(_ plain: UnsafePointer<UInt8>, _ start: Int, _ count: Int) -> Bool {
        var reader = self.reader
        var at = start
        let literalEntries = literals.entries
        let literalMask = (UInt64(1) << UInt64(literals.indexBits)) - 1
        let distanceEntries = distances.entries
        let distanceMask = (UInt64(1) << UInt64(distances.indexBits)) - 1
        while reader.available >= 0 {
            reader.refill()
            var entry = literalEntries[Int(truncatingIfNeeded: reader.bits & literalMask)]
            if entry == 0 {
                guard let (symbol, length) = literals.slowSymbol(reader.bits) else { return false }
                entry = DeflateSymbols.literals[symbol] + UInt32(length)
            }
            if isLiteral(entry) {
                guard at < count, plain[at] == UInt8(truncatingIfNeeded: entry &>> 8) else { return false }
                reader.drop(Int(entry & 0xFF))
                at &+= 1
                continue
            }
            let base = Int(entry >> 16 & 0x7FFF)
            if base == 0 { return at == count }
            let size = base + extra(entry, reader.bits)
            reader.drop(Int(entry & 0xFF))
            var distance = distanceEntries[Int(truncatingIfNeeded: reader.bits & distanceMask)]
            if distance == 0 {
                guard let (symbol, length) = distances.slowSymbol(reader.bits) else { return false }
                distance = DeflateSymbols.distances[symbol] + UInt32(length)
            }
            let back = Int(distance >> 16) + extra(distance, reader.bits)
            reader.drop(Int(distance & 0xFF))
            guard back <= at, at + size <= count, memcmp(plain + at, plain + at - back, size) == 0 else { return false }
            at &+= size
        }
        return false
    }

    @inline(__always)
    private func extra(_ entry: UInt32, _ bits: UInt64) -> Int {
        let extra = UInt64(entry >> 8 & 0xFF)
        let behindCode = bits &>> (UInt64(entry & 0xFF) &- extra)
        return Int(truncatingIfNeeded: behindCode & ((1 &<< extra) &- 1))
    }
}
