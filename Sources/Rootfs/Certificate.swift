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

    /// The day of `notAfter` in UTC: `2026-11-21`.
    package var lastDay: String {
        guard let time = ASN1_GENERALIZEDTIME_set(nil, Int(notAfter)) else { return "\(notAfter) s after 1970" }
        defer { ASN1_GENERALIZEDTIME_free(time) }
        // YYYYMMDDHHMMSSZ, RFC 5280 § 4.1.2.5.2.
        let digits = UnsafeBufferPointer(start: ASN1_STRING_get0_data(time), count: Int(ASN1_STRING_length(time)))
        let text = String(decoding: digits.prefix(8), as: UTF8.self)
        return "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.dropFirst(6))"
    }

    /// Parses the DER encoding of one certificate, with nothing after it.
    init(der: [UInt8]) throws(Malformation) {
        let parsed = der.withUnsafeBufferPointer { buffer -> (x509: OpaquePointer, length: Int)? in
            var position = buffer.baseAddress
            guard let x509 = d2i_X509(nil, &position, buffer.count) else { return nil }
            return (x509, position.map { $0 - (buffer.baseAddress ?? $0) } ?? 0)
        }
        guard let (x509, length) = parsed else { throw Malformation(reason: "it is not an X.509 certificate") }
        defer { X509_free(x509) }
        guard length == der.count else {
            throw Malformation(reason: "\(der.count - length) bytes follow the certificate in the same block")
        }
        // libcrypto also takes BER, which has several encodings for one certificate: their digests would differ.
        guard i2d_X509(x509, nil) == der.count, Self.encoding(x509, count: der.count) == der else {
            throw Malformation(reason: "it is not in the distinguished encoding (DER)")
        }
        guard let notAfter = Self.seconds(X509_get0_notAfter(x509)) else {
            throw Malformation(reason: "the end of its validity is not a date")
        }
        guard let subject = Self.oneLine(X509_get_subject_name(x509)) else {
            throw Malformation(reason: "its subject cannot be read")
        }
        guard let sha256 = Self.sha256(der) else {
            throw Malformation(reason: "libcrypto cannot compute its SHA-256")
        }
        self.subject = subject.isEmpty ? "(no subject)" : subject
        self.sha256 = sha256
        self.notAfter = notAfter
        self.der = der
        isAuthority = X509_check_ca(x509) != 0
    }

    private static func encoding(_ x509: OpaquePointer, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            var position = buffer.baseAddress
            written = max(0, Int(i2d_X509(x509, &position)))
        }
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        guard let time, let epoch = ASN1_TIME_set(nil, 0) else { return nil }
        defer { ASN1_TIME_free(epoch) }
        // Not through `struct tm`: which module Swift thinks it is from depends on what is imported first.
        var days: Int32 = 0
        var rest: Int32 = 0
        guard ASN1_TIME_diff(&days, &rest, epoch, time) == 1 else { return nil }
        return Int64(days) * 86400 + Int64(rest)
    }

    private static func oneLine(_ name: OpaquePointer?) -> String? {
        guard let name, let output = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(output) }
        // RFC 2253's escapes, control characters among them, but letters outside ASCII as they are.
        let style = UInt(XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_SPC_EQ | XN_FLAG_FN_SN) | escapes
        guard X509_NAME_print_ex(output, name, 0, style) >= 0 else { return nil }
        let pending = BIO_ctrl_pending(output)
        let bytes = [UInt8](unsafeUninitializedCapacity: pending) { buffer, count in
            count = pending == 0 ? 0 : max(0, Int(BIO_read(output, buffer.baseAddress, Int32(clamping: pending))))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let escapes = UInt(
        ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT | ASN1_STRFLGS_DUMP_UNKNOWN
            | ASN1_STRFLGS_DUMP_DER
    )

    private static func sha256(_ bytes: [UInt8]) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: 32)
        guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else { return nil }
        return digest
    }
}
