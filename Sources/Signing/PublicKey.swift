import CSigning
package import Diagnostics
package import OCI

/// What signatures are verified with: an ECDSA key on the curve P-256.
package struct PublicKey: Hashable, Sendable {
    /// SEC 1 § 2.3.3, uncompressed: 65 bytes.
    let point: [UInt8]

    /// A SubjectPublicKeyInfo (RFC 5480) on P-256 up to its point, which is its end.
    private static let prefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ]

    init(point: [UInt8]) { self.point = point }

    /// Reads a file with a block `PUBLIC KEY`; `name` is for messages.
    ///
    /// - Throws: `key.malformed`; `key.kind` for a private key, and for one that is not ECDSA on P-256.
    package init(pem bytes: [UInt8], named name: String) throws(Diagnostic) {
        let block = try PEM(bytes, named: name)
        guard block.label == "PUBLIC KEY" else {
            let isPrivate = block.label.hasSuffix("PRIVATE KEY")
            throw Diagnostic(
                .keyKind,
                "`\(name)` is not a public key",
                at: .file(path: name),
                because: "it is a `\(block.label)`",
                hint: isPrivate
                    ? "give its public half: `coracle key public --key \(name)` prints it"
                    : "a public key's file has a block `PUBLIC KEY`"
            )
        }
        var point = [UInt8](repeating: 0, count: 65)
        let kind = coracle_read_public_key(block.bytes, block.bytes.count, &point)
        try Diagnostic.check(kind, name)
        self.point = point
    }

    /// The encoding in DER (RFC 5480).
    package var der: [UInt8] { Self.prefix + point }

    /// The encoding as a file.
    package var pem: [UInt8] { PEM.encode(der, as: "PUBLIC KEY") }

    /// Names the key where a verifier has several: the base64 of the SHA-256 of its encoding, as sigstore writes it.
    package var hint: String { Base64Text.encode(fingerprint.bytes) }

    /// The SHA-256 of its encoding.
    package var fingerprint: Digest { Digest(sha256Of: der) }

    /// Whether `signature`, in DER, is one of this key for the message's SHA-256.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        coracle_verify(point, message, message.count, signature, signature.count) == 1
    }
}

extension Diagnostic {
    /// - Throws: for a key that is not one on P-256.
    static func check(_ kind: coracle_key_kind, _ name: String) throws(Diagnostic) {
        let what: String
        switch kind {
        case coracle_key_p256: return
        case coracle_key_other_curve: what = "it is an ECDSA key on another curve"
        case coracle_key_rsa: what = "it is an RSA key"
        case coracle_key_ed25519: what = "it is an Ed25519 key"
        case coracle_key_other: what = "it is a key of another kind or on another curve"
        default: throw .keyMalformed(name, "what is in its block is not a key")
        }
        throw Diagnostic(
            .keyKind,
            "`\(name)` is not a key that signatures of images can have",
            at: .file(path: name),
            because: "\(what), and only ECDSA on the curve P-256 is supported",
            hint: "make a pair with `coracle key generate`"
        )
    }
}

extension Digest {
    /// The digest itself: 32 bytes for SHA-256.
    var bytes: [UInt8] {
        var bytes = [UInt8]()
        var high: UInt8?
        for digit in hex.utf8 {
            let value = digit >= UInt8(ascii: "a") ? digit - UInt8(ascii: "a") + 10 : digit - UInt8(ascii: "0")
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}
