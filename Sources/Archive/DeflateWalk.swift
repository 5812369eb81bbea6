/// The walk itself: block for block, symbol for symbol, without output.
struct DeflateWalk: ~Copyable {
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

    /// Skips a block's symbols up to and including its end; `false` if they are not valid codes.
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
