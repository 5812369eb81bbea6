/// Looks for a raw deflate stream's last block from the stream's end, without a walk over what stands before it.
///
/// A block's beginning does not stand out, but the description of its codes does: those that libdeflate writes use up all
/// patterns of bits, which other bits do about once in 2^32 places. Then the block must end where the stream ends, and its
/// symbols must stand for the last bytes of what was compressed. A walk over the whole stream proves less, as it compares
/// one number.
///
/// RFC 1951 § 3.2.7.
package struct LastBlockSearch {
    /// Number of bytes from the end that are searched. Last blocks are seldom larger, and a walk costs no more than a longer
    /// search.
    private static let reach = 65_536
    /// Blocks that stand for fewer bytes, or have fewer bits, are not accepted: chance could give so few of them.
    /// libdeflate begins no block that stands for fewer than 5,000 bytes, unless it is the only one.
    private static let leastSize = 1000
    private static let leastBits = 1024

    private let stream: UnsafePointer<UInt8>
    private let count: Int
    private let plain: UnsafeRawBufferPointer

    /// - Parameters:
    ///   - stream: `count` bytes, and `DeflateBoundary.readableSlack` more that are readable.
    ///   - plain: what the stream stands for.
    package init(_ stream: UnsafePointer<UInt8>, count: Int, of plain: UnsafeRawBufferPointer) {
        self.stream = stream
        self.count = count
        self.plain = plain
    }

    /// Where the last block is; `nil` if it is not found that way, and has to be walked to.
    package func run() -> DeflateBoundary? {
        // The first block is also the last one, or the last one has no codes of its own.
        guard count > 8, stream[0] & 1 == 0, !mayEndInStoredBlock else { return nil }
        var walk = DeflateWalk(stream: stream, count: count)
        let farthest = max(0, count - Self.reach)
        // So many positions a load that a header's first 13 bits are in it for each.
        var start = (count + 5) / 6 * 6
        while start > farthest {
            start -= 6
            var candidates = Self.candidates(word(at: start))
            while candidates != 0 {
                let bit = 63 - candidates.leadingZeroBitCount
                candidates ^= 1 << UInt64(bit)
                let position = start * 8 + bit
                guard position + Self.leastBits <= count * 8, hasCompleteLengthCode(position) else { continue }
                if let found = boundary(at: position, &walk) { return found }
            }
        }
        return nil
    }

    private func boundary(at position: Int, _ walk: inout DeflateWalk) -> DeflateBoundary? {
        guard
            let block = walk.lastBlock(at: position), count * 8 - block.end < 8,
            (Self.leastSize...max(Self.leastSize, plain.count)).contains(block.outputSize),
            walk.hasLastBlock(at: position, of: plain, from: plain.count - block.outputSize)
        else { return nil }
        return DeflateBoundary(lastBlock: position, end: block.end, outputSize: plain.count)
    }

    /// Whether the last bytes look like a stored block, which has no codes.
    ///
    /// Others do as well by chance, about one stream in 65,536: that costs a walk over it.
    private var mayEndInStoredBlock: Bool {
        var size = 0
        while size <= min(0xFFFF, count - 5) {
            let sizes = UnsafeRawPointer(stream + (count - 4 - size)).loadUnaligned(as: UInt32.self).littleEndian
            if sizes == UInt32(size ^ 0xFFFF) << 16 | UInt32(size) { return true }
            size += 1
        }
        return false
    }

    /// The positions among a word's first 48 at which a last block with codes of its own may begin, a bit each.
    private static func candidates(_ word: UInt64) -> UInt64 {
        // BFINAL is 1 and BTYPE 2; HLIT and HDIST are less than 30: of the upper four of their five bits one is zero.
        let begins = word & ~(word >> 1) & (word >> 2)
        let literals = (word >> 4) & (word >> 5) & (word >> 6) & (word >> 7)
        let distances = (word >> 9) & (word >> 10) & (word >> 11) & (word >> 12)
        return begins & ~literals & ~distances & 0xFFFF_FFFF_FFFF
    }

    /// Whether the code of the code lengths, 13 bits behind the header at `position`, uses up all patterns of its bits.
    private func hasCompleteLengthCode(_ position: Int) -> Bool {
        let at = position + 13
        let lengthCount = Int((word(at: at / 8) >> UInt64(at % 8)) & 15) + 4
        let lengths = at + 4
        let bits = word(at: lengths / 8) >> UInt64(lengths % 8) & ((1 << UInt64(lengthCount * 3)) - 1)
        // Lengths of zero at the end are left out.
        guard lengthCount == 4 || bits >> UInt64(lengthCount * 3 - 3) != 0 else { return false }
        return Self.shares.withUnsafeBufferPointer { shares in
            let sum =
                Int(shares[Int(bits & 0xFFF)]) + Int(shares[Int(bits >> 12 & 0xFFF)])
                + Int(shares[Int(bits >> 24 & 0xFFF)]) + Int(shares[Int(bits >> 36 & 0xFFF)])
            return sum + Int(shares[Int(bits >> 48)]) == 128
        }
    }

    /// How many of 128 patterns four lengths of three bits each take.
    private static let shares: [UInt16] = (0..<4096).map { lengths in
        [0, 3, 6, 9].reduce(0) { sum, shift in
            let length = lengths >> shift & 7
            return sum + (length == 0 ? 0 : 128 >> UInt16(length))
        }
    }

    private func word(at position: Int) -> UInt64 {
        UnsafeRawPointer(stream + position).loadUnaligned(as: UInt64.self).littleEndian
    }
}
