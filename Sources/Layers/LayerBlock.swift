/// A stretch of a layer's tar that is compressed by itself.
package struct LayerBlock: Hashable, Sendable {
    package let start: Int64
    /// In bytes.
    package let size: Int
    /// The entries that have bytes in it.
    let entries: Range<Int>
}

extension LayerLayout {
    /// The tar in blocks, which are cut where entries begin, and within entries that are larger than a block.
    ///
    /// Where to cut follows from the paths and sizes of the entries there: one that is changed, put in or taken out moves
    /// the cuts about it, and those further on stay with the entries that they stand before. Blocks of small entries have
    /// at least half of `maximum` bytes, and about two thirds in the mean; the last of a large one has five quarters at
    /// most.
    package func blocks(maximum: Int) -> [LayerBlock] {
        var cutter = BlockCutter(maximum: Int64(maximum))
        for index in entries.indices { cutter.take(index, size: size(of: index), path: entries[index].path.bytes) }
        return cutter.finish(size, count: entries.count)
    }
}

private struct BlockCutter {
    private let maximum: Int64
    private var blocks: [LayerBlock] = []
    /// Where the block that is being filled begins, and with which entry.
    private var start: Int64 = 0
    private var first = 0
    /// Where it ends as yet.
    private var position: Int64 = 0

    init(maximum: Int64) { self.maximum = maximum }

    mutating func take(_ index: Int, size: Int64, path: [UInt8]) {
        let filled = position - start
        guard size <= maximum else {
            if filled > 0 { close(before: index) }
            // A rest of less than a quarter does not become a block of its own.
            let count = size / maximum + (size % maximum >= maximum / 4 ? 1 : 0)
            let end = start + size
            for piece in 1...count {
                first = index
                position = piece < count ? start + maximum : end
                close(before: index + 1)
            }
            return
        }
        if filled > 0, filled + size > maximum || (filled >= maximum / 2 && isCut(path, size)) { close(before: index) }
        position += size
    }

    private mutating func close(before index: Int) {
        blocks.append(LayerBlock(start: start, size: Int(position - start), entries: first..<index))
        start = position
        first = index
    }

    /// The archive's end is in the last block.
    mutating func finish(_ size: Int64, count: Int) -> [LayerBlock] {
        if position == start, let last = blocks.popLast() { (start, first) = (last.start, last.entries.lowerBound) }
        position = size
        close(before: count)
        return blocks
    }

    /// By chance, and the same chance every time: about once in a quarter of `maximum` bytes, and at no more than every
    /// second entry. Where every entry would do, cuts that were moved once would stay moved.
    private func isCut(_ path: [UInt8], _ size: Int64) -> Bool {
        // FNV-1a, whose upper bits are the better ones.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in path { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int64(hash >> 32) % (maximum / 4) < min(size, maximum / 8)
    }
}
