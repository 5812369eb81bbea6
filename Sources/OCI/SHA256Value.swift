import CCrypto

/// The 32 bytes of a SHA-256, without an allocation: tables have many thousand.
package struct SHA256Value: Hashable, Sendable, BitwiseCopyable {
    private var words = SIMD4<UInt64>()

    /// The value of `bytes`.
    package init(of bytes: UnsafeRawBufferPointer) {
        // `SHA256`, which does it in one call, would bring all of EVP into a static program: 3.6 MB (decision 0008).
        var state = SHA256_CTX()
        withUnsafeMutableBytes(of: &words) { words in
            let target = words.bindMemory(to: UInt8.self).baseAddress
            precondition(
                SHA256_Init(&state) == 1 && SHA256_Update(&state, bytes.baseAddress, bytes.count) == 1
                    && SHA256_Final(target, &state) == 1,
                "a SHA-256 is made"
            )
        }
    }

    /// `nil` if `bytes` are not 32.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    package var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }
    package var digest: Digest { Digest(sha256: bytes) }
}
