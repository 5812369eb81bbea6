/// The stream's bits, lowest first.
struct BitReader {
    let stream: UnsafePointer<UInt8>
    let count: Int
    /// Bits that were loaded and not yet used, the next one lowest, and how many of them are valid.
    var bits: UInt64 = 0
    var available = 0
    var position = 0

    /// - Parameter position: offset of the first bit to be read, which must be in the stream.
    init(stream: UnsafePointer<UInt8>, count: Int, from position: Int = 0) {
        self.stream = stream
        self.count = count
        self.position = position / 8
        if position % 8 > 0 {
            refill()
            drop(position % 8)
        }
    }

    /// Position of the next unused bit.
    var bitPosition: Int { position * 8 - available }

    /// Loads so many bytes that at least 56 bits are available, unless the stream ends before.
    @inline(__always)
    mutating func refill() {
        // A worn-out stream loads nothing more, and `available` sinks. What was loaded from the slack behind the end is
        // never taken for content, because every block ends with a look at the position.
        if position <= count { load() }
    }

    /// The same where a refill was just before: the slack is long enough for two.
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
