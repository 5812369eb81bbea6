/// What the walk knows about one Huffman code, as canonical codes are read bit by bit (for the rare long ones), and as a
/// table that is indexed by the next bits (for all others).
struct HuffmanTable: ~Copyable {
    /// An entry: bits 0–7 what to drop in all, 8–15 how many of these are extra bits, 16–30 the output's base size (of a
    /// distance, the base distance), bit 31 set for literals, so that the sign distinguishes them; these have the byte
    /// itself in bits 8–15. Zero: the code is longer than the index.
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

    /// Builds the code whose lengths, one a symbol, are `lengths`; `false` if they are not a valid code.
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
                let second = single[index &>> Int(first & 0xFF)]
                let both = first &+ (second & 0x7FFF_00FF)
                // The bits above the first code are known only as far as the index goes. Computed without a jump, as a
                // wrong guess at one costs more than all the rest.
                let fits = ~(UInt32(indexBits) &- (both & 0xFF)) & first & second
                entries[index] = isLiteral(fits) ? both : first
            }
        }
    }

    /// Reads one code bit by bit; its symbol and length, or `nil` if no code begins like this.
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

/// Whether an entry stands for one or two literals.
@inline(__always)
func isLiteral(_ entry: UInt32) -> Bool { Int32(bitPattern: entry) < 0 }
