import CCrypto

/// A running SHA-1, for documents whose format asks for one: nothing is trusted by it.
package struct SHA1Hasher: ~Copyable {
    private var state = SHA_CTX()

    package init() {
        precondition(SHA1_Init(&state) == 1, "a SHA-1 begins")
    }

    /// Counts `bytes`, which are the next.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(SHA1_Update(&state, bytes.baseAddress, bytes.count) == 1, "a SHA-1 that is running takes bytes")
    }

    /// The digest of all the bytes counted, in lower-case hex.
    package consuming func finalize() -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        precondition(SHA1_Final(&bytes, &state) == 1, "a SHA-1 that is running ends")
        return String(lowercaseHexOf: bytes)
    }
}
