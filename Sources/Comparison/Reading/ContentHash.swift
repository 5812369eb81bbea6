import OCI

/// A SHA-256 in 32 bytes of memory.
struct ContentHash: Hashable, Sendable, BitwiseCopyable {
    private(set) var words = SIMD4<UInt64>()

    /// Zeros: the sum of nothing.
    init() {}

    init(_ digest: Digest) {
        for place in 0..<4 {
            let digits = digest.hex.utf8.dropFirst(16 * place).prefix(16)
            var word: UInt64 = 0
            for digit in digits { word = word << 4 | UInt64(digit < 0x3A ? digit - 0x30 : digit - 0x57) }
            words[place] = word
        }
    }

    init(words: SIMD4<UInt64>) { self.words = words }

    var digest: Digest {
        var bytes = [UInt8]()
        for place in 0..<4 { withUnsafeBytes(of: words[place].bigEndian) { bytes += $0 } }
        return Digest(sha256: bytes)
    }

    /// Adds another one, so that the order in which many are added does not matter.
    mutating func add(_ other: ContentHash) { words = words &+ other.words }
}
