import CCrypto

/// What documents say of a file's bytes: their SHA-1 and their SHA-256, in 64 bytes of memory.
package struct FileDigests: Hashable, Sendable, BitwiseCopyable {
    /// 32 bytes.
    private var long = SIMD32<UInt8>()
    /// 20 bytes, and 12 zeros.
    private var short = SIMD32<UInt8>()

    private init() {}

    /// The digests of `bytes`.
    package init(of bytes: UnsafeRawBufferPointer) {
        var running = Running()
        running.update(bytes)
        self = running.finalize()
    }

    /// In lower-case hex.
    package var sha1: String { Self.text(short, count: 20) }
    /// In lower-case hex.
    package var sha256: String { Self.text(long, count: 32) }

    private static func text(_ value: SIMD32<UInt8>, count: Int) -> String {
        withUnsafeBytes(of: value) { String(lowercaseHexOf: $0[..<count]) }
    }

    /// Both digests of bytes that are still to come.
    package struct Running: ~Copyable {
        private var sha1 = SHA_CTX()
        private var sha256 = SHA256_CTX()

        package init() {
            precondition(SHA1_Init(&sha1) == 1 && SHA256_Init(&sha256) == 1, "a digest begins")
        }

        /// Counts `bytes`, which are the next.
        package mutating func update(_ bytes: UnsafeRawBufferPointer) {
            precondition(
                SHA1_Update(&sha1, bytes.baseAddress, bytes.count) == 1
                    && SHA256_Update(&sha256, bytes.baseAddress, bytes.count) == 1,
                "a digest that is running takes bytes"
            )
        }

        /// The digests of all the bytes counted.
        package consuming func finalize() -> FileDigests {
            var digests = FileDigests()
            let ended = withUnsafeMutableBytes(of: &digests.short) { short in
                SHA1_Final(short.bindMemory(to: UInt8.self).baseAddress, &sha1)
            }
            let endedLong = withUnsafeMutableBytes(of: &digests.long) { long in
                SHA256_Final(long.bindMemory(to: UInt8.self).baseAddress, &sha256)
            }
            precondition(ended == 1 && endedLong == 1, "a digest that is running ends")
            return digests
        }
    }
}

extension FileDigests: Comparable {
    /// By the SHA-256.
    package static func < (left: FileDigests, right: FileDigests) -> Bool {
        for index in 0..<32 where left.long[index] != right.long[index] {
            return left.long[index] < right.long[index]
        }
        return false
    }
}
