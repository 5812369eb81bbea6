import CSigning

/// XSalsa20-Poly1305, which the key files of cosign are encrypted with: NaCl's `secretbox`.
///
/// D. J. Bernstein, "Extending the Salsa20 nonce" (2011); "Cryptography in NaCl" § 9.
enum SecretBox {
    /// Size of a key, in bytes.
    static let keySize = 32
    /// Size of a nonce, in bytes. One key never encrypts two messages with one nonce.
    static let nonceSize = 24
    /// Size of the tag before the encrypted message, in bytes.
    static let tagSize = 16

    /// The tag, and the encrypted message after it.
    static func seal(_ message: [UInt8], key: [UInt8], nonce: [UInt8]) -> [UInt8] {
        var box = crypted(message, key, nonce)
        defer { box.polyKey.cleanse() }
        return tag(of: box.bytes, box.polyKey) + box.bytes
    }

    /// The message; `nil` if the key is not the one it was encrypted with, or if the box was changed.
    static func open(_ box: [UInt8], key: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        guard box.count >= tagSize else { return nil }
        var opened = crypted(Array(box.dropFirst(tagSize)), key, nonce)
        let expected = tag(of: Array(box.dropFirst(tagSize)), opened.polyKey)
        opened.polyKey.cleanse()
        guard coracle_same(expected, box, tagSize) == 1 else {
            opened.bytes.cleanse()
            return nil
        }
        return opened.bytes
    }

    private static func tag(of bytes: [UInt8], _ key: [UInt8]) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: tagSize)
        coracle_poly1305(key, bytes, bytes.count, &tag)
        return tag
    }

    /// Encrypts, which is the same as to decrypt. The first 32 bytes of the stream are the key of Poly1305.
    private static func crypted(
        _ message: [UInt8],
        _ key: [UInt8],
        _ nonce: [UInt8]
    ) -> (polyKey: [UInt8], bytes: [UInt8]) {
        precondition(key.count == keySize && nonce.count == nonceSize, "keys and nonces have one size")
        var subkey = Salsa20.subkey(key, nonce: Array(nonce[..<16]))
        var stream = Salsa20.stream(subkey, nonce: Array(nonce[16...]), count: 32 + message.count)
        defer {
            subkey.cleanse()
            stream.cleanse()
        }
        var bytes = message
        for index in bytes.indices { bytes[index] ^= stream[32 + index] }
        return (Array(stream[..<32]), bytes)
    }
}

/// The stream cipher Salsa20, and the function that makes keys of keys with it (HSalsa20).
///
/// D. J. Bernstein, "The Salsa20 family of stream ciphers" (2007).
enum Salsa20 {
    /// `expand 32-byte k`, in little-endian words.
    private static let constants: [UInt32] = [0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574]

    /// The key for what follows the first 16 bytes of a nonce: HSalsa20.
    static func subkey(_ key: [UInt8], nonce: [UInt8]) -> [UInt8] {
        let block = rounds(state(key, words(nonce)))
        return bytes([0, 5, 10, 15, 6, 7, 8, 9].map { block[$0] })
    }

    /// The first bytes of the stream of a key and a nonce of 8 bytes.
    static func stream(_ key: [UInt8], nonce: [UInt8], count: Int) -> [UInt8] {
        var stream = [UInt8]()
        var block: UInt64 = 0
        while stream.count < count {
            let counter = [UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32)]
            let start = state(key, words(nonce) + counter)
            stream += bytes(zip(rounds(start), start).map { $0 &+ $1 })
            block += 1
        }
        return Array(stream.prefix(count))
    }

    /// The 16 words that the rounds begin with; `input` is the nonce and the number of the block.
    private static func state(_ key: [UInt8], _ input: [UInt32]) -> [UInt32] {
        let key = words(key)
        return [constants[0]] + key[..<4] + [constants[1]] + input + [constants[2]] + key[4...] + [constants[3]]
    }

    /// Twenty rounds: ten times the columns, then the rows.
    private static func rounds(_ state: [UInt32]) -> [UInt32] {
        let quarters = [
            [0, 4, 8, 12], [5, 9, 13, 1], [10, 14, 2, 6], [15, 3, 7, 11],
            [0, 1, 2, 3], [5, 6, 7, 4], [10, 11, 8, 9], [15, 12, 13, 14],
        ]
        var x = state
        for _ in 0..<10 {
            for places in quarters {
                for (step, bits) in [7, 9, 13, 18].enumerated() {
                    // Each step changes the next word by the sum of the two before it.
                    let (target, one, two) = (places[(step + 1) % 4], places[step], places[(step + 3) % 4])
                    let sum = x[one] &+ x[two]
                    x[target] ^= sum << UInt32(bits) | sum >> UInt32(32 - bits)
                }
            }
        }
        return x
    }

    private static func words(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    private static func bytes(_ words: [UInt32]) -> [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
    }
}
