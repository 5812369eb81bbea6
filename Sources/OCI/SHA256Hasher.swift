import CCrypto

/// A running SHA-256, by libcrypto.
package struct SHA256Hasher: ~Copyable {
    private var state = SHA256_CTX()

    package init() {
        precondition(SHA256_Init(&state) == 1, "a SHA-256 begins")
    }

    /// Counts `bytes`, which are the next.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(
            SHA256_Update(&state, bytes.baseAddress, bytes.count) == 1,
            "a SHA-256 that is running takes bytes"
        )
    }

    /// The digest of all the bytes counted.
    package consuming func finalize() -> Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        precondition(SHA256_Final(&bytes, &state) == 1, "a SHA-256 that is running ends")
        return Digest(sha256: bytes)
    }
}
