import CSigning
package import Diagnostics

/// What signatures are made with: an ECDSA key on the curve P-256.
///
/// Its number stays in this object, and is overwritten with it.
package final class PrivateKey: Sendable {
    /// The half that verifies.
    package let publicKey: PublicKey
    private let secret: SecretBytes

    private init(_ secret: consuming [UInt8], _ point: [UInt8]) {
        self.secret = SecretBytes(secret)
        publicKey = PublicKey(point: point)
    }

    /// A new key.
    ///
    /// - Throws: `key.memory`.
    package static func generate() throws(Diagnostic) -> PrivateKey {
        var (secret, point) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 65))
        guard coracle_make_key(&secret, &point) == 1 else { throw .keyMemory() }
        return PrivateKey(secret, point)
    }

    /// Reads a key's file, as cosign or openssl writes it: `ENCRYPTED SIGSTORE PRIVATE KEY`, `ENCRYPTED COSIGN PRIVATE KEY`,
    /// `PRIVATE KEY`, `EC PRIVATE KEY` or `ENCRYPTED PRIVATE KEY`.
    ///
    /// - Parameters:
    ///   - name: for messages.
    ///   - password: asked for only if the key is encrypted.
    /// - Throws: `key.malformed`, `key.kind`, `key.password`, `key.memory`; what `password` throws.
    package convenience init(
        pem bytes: [UInt8],
        named name: String,
        password: () throws(Diagnostic) -> String
    ) throws(Diagnostic) {
        let block = try PEM(bytes, named: name)
        switch block.label {
        case "ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY":
            let sealed = try SealedKey(block.bytes, named: name)
            var der = try sealed.open(password: try password(), named: name)
            defer { der.cleanse() }
            try self.init(der, coracle_form_pkcs8, named: name)
        case "PRIVATE KEY": try self.init(block.bytes, coracle_form_pkcs8, named: name)
        case "EC PRIVATE KEY": try self.init(block.bytes, coracle_form_sec1, named: name)
        case "ENCRYPTED PRIVATE KEY":
            try self.init(block.bytes, coracle_form_encrypted_pkcs8, password: try password(), named: name)
        default:
            throw Diagnostic(
                .keyKind,
                "`\(name)` is not a private key",
                at: .file(path: name),
                because: "it is a `\(block.label)`",
                hint: "sign with the private half, such as the file `cosign.key`"
            )
        }
    }

    private convenience init(
        _ der: [UInt8],
        _ form: coracle_key_form,
        password: String? = nil,
        named name: String
    ) throws(Diagnostic) {
        var (secret, point) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 65))
        let given = Array((password ?? "").utf8)
        let kind = coracle_read_private_key(form, der, der.count, given, given.count, &secret, &point)
        if kind == coracle_key_unreadable, password != nil { throw .keyPassword(name) }
        try Diagnostic.check(kind, name)
        self.init(secret, point)
    }

    /// Signs the SHA-256 of `message`: DER (RFC 3279 § 2.2.3). Two signatures of one message differ.
    package func signature(of message: [UInt8]) -> [UInt8] {
        secret.withBytes { secret, _ in
            var (signature, size) = ([UInt8](repeating: 0, count: 72), 0)
            let isSigned = coracle_sign(secret, publicKey.point, message, message.count, &signature, &size)
            precondition(isSigned == 1, "a key that was checked signs")
            return Array(signature[..<size])
        }
    }

    /// The key as a file that cosign opens with `password`, which may be empty.
    ///
    /// - Throws: `key.memory`.
    package func sealed(password: String) throws(Diagnostic) -> [UInt8] {
        var der = secret.withBytes { secret, size in
            Self.prefix + UnsafeBufferPointer(start: secret, count: size) + Self.middle + publicKey.point
        }
        defer { der.cleanse() }
        return PEM.encode(try SealedKey.seal(der, password: password), as: "ENCRYPTED SIGSTORE PRIVATE KEY")
    }

    /// A PrivateKeyInfo (RFC 5958) on P-256 up to the number.
    private static let prefix: [UInt8] = [
        0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
        0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x04, 0x6D, 0x30, 0x6B, 0x02, 0x01, 0x01, 0x04, 0x20,
    ]
    /// What stands between the number and the point.
    private static let middle: [UInt8] = [0xA1, 0x44, 0x03, 0x42, 0x00]
}

extension Diagnostic {
    static func keyPassword(_ name: String) -> Diagnostic {
        Diagnostic(
            .keyPassword,
            "the password does not open the key `\(name)`",
            at: .file(path: name),
            because: "it is another one, or the file was changed",
            hint: "set COSIGN_PASSWORD to the password that the key was made with"
        )
    }
}

extension Diagnostic {
    static func keyMemory() -> Diagnostic {
        let reason = "the system does not have the memory for it: 130 MB"
        return Diagnostic(.keyMemory, "a key cannot be made or opened", because: reason)
    }
}

extension Diagnostic.Code {
    static let keyMemory = Self("key.memory", .localIO)
}
