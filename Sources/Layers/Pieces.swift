/// An array that grows by pieces, so that growing copies nothing and leaves little memory unused.
struct Pieces<Element: BitwiseCopyable & Sendable>: Sendable {
    private static var shift: Int { 14 }
    private static var mask: Int { 1 << shift - 1 }

    private var pieces: [ContiguousArray<Element>] = []
    private(set) var count = 0

    mutating func append(_ element: Element) {
        if count & Self.mask == 0 {
            var piece = ContiguousArray<Element>()
            // Small images do not fill the first piece.
            if count > 0 { piece.reserveCapacity(1 << Self.shift) }
            pieces.append(piece)
        }
        pieces[count >> Self.shift].append(element)
        count += 1
    }

    subscript(index: Int32) -> Element {
        get { pieces[Int(index) >> Self.shift][Int(index) & Self.mask] }
        _modify { yield &pieces[Int(index) >> Self.shift][Int(index) & Self.mask] }
    }
}

/// Short byte strings, one after the other.
struct BytePool: Sendable {
    private static let shift = 16

    private var pieces: [[UInt8]] = []

    /// Adds `bytes`, of which there are fewer than 64 KiB, and returns their place.
    mutating func add(_ bytes: some Collection<UInt8>) -> UInt32 {
        if (pieces.last?.count ?? .max) > 1 << Self.shift - bytes.count {
            var piece = [UInt8]()
            if !pieces.isEmpty { piece.reserveCapacity(1 << Self.shift) }
            pieces.append(piece)
        }
        let last = pieces.count - 1
        let place = last << Self.shift + pieces[last].count
        pieces[last].append(contentsOf: bytes)
        return UInt32(truncatingIfNeeded: place)
    }

    /// The `count` bytes at `place`.
    func bytes(at place: UInt32, count: Int) -> ArraySlice<UInt8> {
        let start = Int(place) & (1 << Self.shift - 1)
        return pieces[Int(place) >> Self.shift][start..<start + count]
    }
}
