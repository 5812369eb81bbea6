import CCrypto

/// One X.509 certificate.
package struct Certificate: Hashable, Sendable {
    /// What keeps bytes from being a certificate.
    struct Malformation: Error, Hashable {
        let reason: String
    }

    /// Who it is for, on one line: `C = IE, O = Example, CN = Example Root`.
    package let subject: String
    /// The SHA-256 of `der`: 32 bytes.
    package let sha256: [UInt8]
    /// The last second it is valid in, since 1970.
    package let notAfter: Int64
    /// The day of `notAfter` in UTC: `2026-11-21`.
    package let lastDay: String
    /// The certificate itself, byte for byte as it came.
    package let der: [UInt8]
    /// Whether it may sign other certificates.
    ///
    /// As RFC 5280 § 4.2.1.9 has it, and the self-signed roots of version 1, which is older than that extension.
    package let isAuthority: Bool

    /// The SHA-256 as `openssl x509 -fingerprint -sha256` and browsers show it: `AB:CD:…`.
    package var fingerprint: String {
        sha256.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) }.joined(separator: ":")
    }

    /// Parses the DER encoding of one certificate, with nothing after it.
    init(der: [UInt8]) throws(Malformation) {
        let length = CertificateFields.length(of: der) ?? der.count
        guard let fields = try? CertificateFields(Array(der.prefix(length))) else {
            throw Malformation(reason: "it is not an X.509 certificate")
        }
        guard length == der.count else {
            throw Malformation(reason: "\(der.count - length) bytes follow the certificate in the same block")
        }
        subject = fields.subject.isEmpty ? "(no subject)" : fields.subject
        notAfter = fields.notAfter.secondsSince1970
        lastDay = fields.notAfter.day
        isAuthority = fields.isAuthority
        self.der = der
        // Not by `SHA256`, which goes through all of libcrypto.
        var (state, digest) = (SHA256_CTX(), [UInt8](repeating: 0, count: 32))
        SHA256_Init(&state)
        SHA256_Update(&state, der, der.count)
        SHA256_Final(&digest, &state)
        sha256 = digest
    }
}
