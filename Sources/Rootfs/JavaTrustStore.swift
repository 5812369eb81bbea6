import CCrypto

/// The certificate authorities that Java trusts, which looks into no other file: a keystore of Java's own kind (JKS), which
/// all its versions read.
///
/// keytool writes the time of day into it. This store has no time, so that the same certificates make the same bytes. It has
/// nothing to keep secret: the password that its checksum is made with is the one that Java comes with, and reads by.
package enum JavaTrustStore {
    /// Where Debian's Java looks for it.
    package static let path = "etc/ssl/certs/java/cacerts"

    private static let password = "changeit"

    /// The file's bytes; the authorities are in the bundle's order.
    package static func encode(_ bundle: CertificateBundle) -> [UInt8] {
        var bytes = [UInt8]()
        bytes.append(bigEndian: 0xFEED_FEED)
        bytes.append(bigEndian: 2)
        bytes.append(bigEndian: UInt32(truncatingIfNeeded: bundle.certificates.count))
        for certificate in bundle.certificates {
            // A certificate that is trusted, and since 1970.
            bytes.append(bigEndian: 2)
            bytes.append(text: alias(of: certificate))
            bytes += [UInt8](repeating: 0, count: 8)
            bytes.append(text: "X.509")
            bytes.append(bigEndian: UInt32(truncatingIfNeeded: certificate.der.count))
            bytes += certificate.der
        }
        // The password as UTF-16, then words that Java's authors chose, then all that is before.
        let salt = password.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } + Array("Mighty Aphrodite".utf8)
        return bytes + sha1(salt + bytes)
    }

    /// What `keytool -list` calls it: the subject, and enough of the SHA-256 that no two are called the same.
    private static func alias(of certificate: Certificate) -> String {
        let digest = certificate.sha256.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let subject = certificate.subject.lowercased().utf8.prefix(200).map { byte in
            (0x20...0x7E).contains(byte) ? byte : UInt8(ascii: "?")
        }
        return "\(String(decoding: subject, as: UTF8.self)) [\(digest.prefix(16))]"
    }

    /// What the format demands; nothing is kept safe by it.
    private static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        var state = SHA_CTX()
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        precondition(
            SHA1_Init(&state) == 1 && SHA1_Update(&state, bytes, bytes.count) == 1 && SHA1_Final(&digest, &state) == 1,
            "a SHA-1 of bytes in memory has an end"
        )
        return digest
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian word: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { append(UInt8(truncatingIfNeeded: word >> shift)) }
    }

    /// Writes ASCII text, for which Java's own UTF-8 is the same.
    fileprivate mutating func append(text: String) {
        append(UInt8(truncatingIfNeeded: text.utf8.count >> 8))
        append(UInt8(truncatingIfNeeded: text.utf8.count))
        self += Array(text.utf8)
    }
}
