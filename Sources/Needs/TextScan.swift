/// Looks for many texts at once.
///
/// Most bytes are never looked at: a pair of bytes decides how far it is at least to the end of the next text (Wu and
/// Manber, 1994). 100 MB take some hundredths of a second, and no memory but a table of 64 KB.
struct TextScan: Sendable {
    private let texts: [[UInt8]]
    /// The length of the shortest text; of the others, so many bytes are looked for, and the rest is compared.
    private let head: Int
    /// How far to go on after a pair of bytes; 0 where a text's head may end.
    private let shifts: [UInt8]
    /// The texts whose heads end in a pair.
    private let endings: [UInt16: [Int]]

    /// Length of the longest text, in bytes.
    let longest: Int

    /// - Precondition: every text has from 2 to 255 bytes.
    init(_ texts: [[UInt8]]) {
        precondition(texts.allSatisfy { (2...255).contains($0.count) }, "a text is too short or too long")
        self.texts = texts
        let head = texts.map(\.count).min() ?? 2
        var shifts = [UInt8](repeating: UInt8(head - 1), count: 1 << 16)
        var endings = [UInt16: [Int]]()
        for (index, text) in texts.enumerated() {
            for end in 1..<head {
                let pair = Self.pair(text[end - 1], text[end])
                shifts[Int(pair)] = min(shifts[Int(pair)], UInt8(head - 1 - end))
                if end == head - 1 { endings[pair, default: []].append(index) }
            }
        }
        self.head = head
        self.shifts = shifts
        self.endings = endings
        longest = texts.map(\.count).max() ?? 0
    }

    /// Calls `found` with the number of each text that is in `bytes`, and where it begins, in order of their heads.
    func search(_ bytes: UnsafeBufferPointer<UInt8>, _ found: (_ text: Int, _ position: Int) -> Void) {
        shifts.withUnsafeBufferPointer { shifts in
            var end = head - 1
            while end < bytes.count {
                let pair = Self.pair(bytes[end - 1], bytes[end])
                let shift = Int(shifts[Int(pair)])
                if shift > 0 {
                    end += shift
                    continue
                }
                for text in endings[pair] ?? [] where matches(text, bytes, at: end - head + 1) {
                    found(text, end - head + 1)
                }
                end += 1
            }
        }
    }

    private func matches(_ text: Int, _ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        let text = texts[text]
        guard text.count <= bytes.count - start else { return false }
        for index in text.indices where bytes[start + index] != text[index] { return false }
        return true
    }

    @inline(__always)
    private static func pair(_ first: UInt8, _ second: UInt8) -> UInt16 { UInt16(first) << 8 | UInt16(second) }
}
