import CCrypto

/// A running SHA-256, owning its libcrypto context.
package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            fatalError("libcrypto gives no SHA-256: this machine is out of memory")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Counts `bytes`, which are the next.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(
            EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1,
            "a SHA-256 that is running takes bytes"
        )
    }

    /// The digest of all the bytes counted.
    package consuming func finalize() -> Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        precondition(EVP_DigestFinal_ex(context, &bytes, nil) == 1, "a SHA-256 that is running ends")
        return Digest(sha256: bytes)
    }
}
