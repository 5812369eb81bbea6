import CCrypto

/// A running SHA-256, by libcrypto.
package struct SHA256Hasher: ~Copyable {
    /// What a running SHA-256 comes down to at the end of a block of its own: it can be kept, and gone on with later.
    ///
    /// FIPS 180-4 § 6.2.2.
    package struct Midstate: Hashable, Sendable {
        /// Eight.
        package let words: [UInt32]
        /// How many bytes were counted, a multiple of 64.
        package let count: UInt64

        /// - Returns: `nil` if the values are not such a state.
        package init?(words: [UInt32], count: UInt64) {
            guard words.count == 8, count % 64 == 0, count <= UInt64.max / 8 else { return nil }
            self.words = words
            self.count = count
        }
    }

    private var state = SHA256_CTX()

    package init() {
        precondition(SHA256_Init(&state) == 1, "a SHA-256 begins")
    }

    /// Goes on where another one was.
    package init(resuming midstate: Midstate) {
        self.init()
        withUnsafeMutableBytes(of: &state.h) { words in
            for (index, word) in midstate.words.enumerated() {
                words.storeBytes(of: word, toByteOffset: 4 * index, as: UInt32.self)
            }
        }
        let bits = midstate.count * 8
        state.Nl = UInt32(truncatingIfNeeded: bits)
        state.Nh = UInt32(truncatingIfNeeded: bits >> 32)
    }

    /// As it was after the last whole block of 64 bytes.
    package var midstate: Midstate {
        let words = withUnsafeBytes(of: state.h) { words in
            (0..<8).map { words.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
        }
        let count = (UInt64(state.Nh) << 32 | UInt64(state.Nl)) / 8 - UInt64(state.num)
        guard let midstate = Midstate(words: words, count: count) else {
            preconditionFailure("a SHA-256 takes blocks of 64 bytes")
        }
        return midstate
    }

    /// Counts `bytes`, which are the next.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(
            SHA256_Update(&state, bytes.baseAddress, bytes.count) == 1,
            "a SHA-256 that is running takes bytes"
        )
    }

    /// The digest of all the bytes counted.
    package consuming func finalize() -> Digest { finalizedValue().digest }

    /// The same, without text.
    package consuming func finalizedValue() -> SHA256Value {
        var bytes = [UInt8](repeating: 0, count: 32)
        precondition(SHA256_Final(&bytes, &state) == 1, "a SHA-256 that is running ends")
        guard let value = SHA256Value(bytes) else { preconditionFailure("a SHA-256 has 32 bytes") }
        return value
    }
}
