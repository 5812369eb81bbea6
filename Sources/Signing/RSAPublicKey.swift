import CSigning
package import Diagnostics
package import OCI

/// An RSA key that signatures of packages are verified with, by PKCS #1 v1.5 (RFC 8017 § 8.2). coracle signs nothing with RSA.
package struct RSAPublicKey: Hashable, Sendable {
    /// What is signed of a message.
    package enum Hash: Hashable, Sendable {
        case sha1, sha256, sha512
    }

    /// Fewer bits than these are refused: what is signed with them can be forged.
    private static let fewestBits = 2048

    /// A SubjectPublicKeyInfo (RFC 5280 § 4.1).
    private let der: [UInt8]

    /// Reads a file with a block `PUBLIC KEY`; `name` is for messages.
    ///
    /// - Throws: `key.malformed`; `key.kind` for one that is not RSA, and for one of fewer than 2048 bits.
    package init(pem bytes: [UInt8], named name: String) throws(Diagnostic) {
        let block = try PEM(bytes, named: name)
        let bits = block.label == "PUBLIC KEY" ? coracle_rsa_bits(block.bytes, block.bytes.count) : 0
        guard bits >= Self.fewestBits else {
            throw Diagnostic(
                .keyKind,
                "`\(name)` is not a key that packages can be signed with",
                at: .file(path: name),
                because: bits == 0
                    ? "it is not a public RSA key"
                    : "it has \(bits) bits, and fewer than \(Self.fewestBits) are not safe",
                hint: "a file of `/etc/apk/keys` has a block `PUBLIC KEY` with an RSA key"
            )
        }
        der = block.bytes
    }

    /// The SHA-256 of its encoding.
    package var fingerprint: Digest { Digest(sha256Of: der) }

    /// Whether `signature` is one of this key for the hash of `message`.
    package func verifies(_ signature: [UInt8], of message: ArraySlice<UInt8>, by hash: Hash) -> Bool {
        let kind: coracle_hash =
            switch hash {
            case .sha1: coracle_hash_sha1
            case .sha256: coracle_hash_sha256
            case .sha512: coracle_hash_sha512
            }
        return message.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return false }
            return coracle_verify_rsa(der, der.count, kind, start, bytes.count, signature, signature.count) == 1
        }
    }
}
