package import Diagnostics

/// Certificate authorities that programs in an image trust: sorted by the SHA-256 of their DER, without duplicates.
package struct CertificateBundle: Hashable, Sendable {
    /// The largest file taken, in bytes. All of the authorities of the public web are a twentieth of it.
    package static let sizeLimit = 4 << 20

    package let certificates: [Certificate]

    private init(_ certificates: [Certificate]) {
        var seen: Set<[UInt8]> = []
        self.certificates =
            certificates
            .filter { seen.insert($0.sha256).inserted }
            .sorted { $0.sha256.lexicographicallyPrecedes($1.sha256) }
    }

    /// Debian's certificates, as they are in coracle itself.
    ///
    /// - Throws: what `init(pem:from:)` throws, which no user can cause.
    package static func embedded() throws(Diagnostic) -> CertificateBundle {
        try CertificateBundle(pem: Certificates.embedded, from: "Bases/ca-certificates.crt")
    }

    /// Parses a file that a user gave: PEM with certificate authorities and nothing else in it.
    ///
    /// Expired ones are taken; see `expired(at:)`. `path` is for messages: nothing is read from it.
    /// - Throws: `certificate.too-large`, `certificate.empty`, `certificate.not-pem` (DER, a byte order mark, binary
    ///   data), `certificate.private-key`, `certificate.unexpected-block`, `certificate.malformed` with the number of
    ///   the block and its line, `certificate.not-authority`.
    package init(pem: [UInt8], from path: String) throws(Diagnostic) {
        try Self.refuseOtherThanText(pem, path)
        let blocks = try CertificatePEM.blocks(of: pem, in: path)
        guard !blocks.isEmpty else {
            throw Diagnostic(
                .certificateEmpty,
                "`\(path)` has no certificate in it",
                at: .file(path: path),
                because: "there is no line `-----BEGIN CERTIFICATE-----`",
                hint: "give a file of PEM certificates"
            )
        }
        var certificates: [Certificate] = []
        for block in blocks {
            certificates.append(try Self.authority(block, path))
        }
        self.init(certificates)
    }

    /// The certificates of both.
    package func merged(with other: CertificateBundle) -> CertificateBundle {
        CertificateBundle(certificates + other.certificates)
    }

    /// The bundle as a file: blocks of 64 columns, LF, no comments.
    package var pem: [UInt8] {
        certificates.flatMap { CertificatePEM.encode($0.der) }
    }

    /// A warning if certificates have expired at `moment`, in seconds since 1970; none if `moment` is `nil`.
    package func expired(at moment: Int64?) -> [Diagnostic] {
        guard let moment else { return [] }
        let expired = certificates.filter { $0.notAfter < moment }.sorted {
            ($0.notAfter, $0.fingerprint) < ($1.notAfter, $1.fingerprint)
        }
        guard let first = expired.first else { return [] }
        guard expired.count > 1 else {
            return [
                Diagnostic(
                    .certificateExpired,
                    "the certificate `\(first.subject)` has expired",
                    because: "it was valid until \(first.lastDay); its SHA-256 is \(first.fingerprint)",
                    hint: "ask its owner for the new one"
                )
            ]
        }
        let most = 5
        let shown = expired.prefix(most).map { "`\($0.subject)` (\($0.lastDay))" }.joined(separator: ", ")
        let more = expired.count > most ? ", and \(expired.count - most) more" : ""
        return [
            Diagnostic(
                .certificateExpired,
                "\(expired.count) certificates have expired",
                because: "\(shown)\(more)",
                hint: "take them out of the file, or ask their owners for new ones"
            )
        ]
    }

    private static func refuseOtherThanText(_ bytes: [UInt8], _ path: String) throws(Diagnostic) {
        func refused(_ code: Diagnostic.Code, _ summary: String, _ reason: String, _ hint: String) -> Diagnostic {
            Diagnostic(code, "`\(path)` \(summary)", at: .file(path: path), because: reason, hint: hint)
        }
        guard !bytes.isEmpty else {
            throw refused(.certificateEmpty, "is empty", "it has 0 bytes", "give a file of PEM certificates")
        }
        guard bytes.count <= sizeLimit else {
            throw refused(
                .certificateTooLarge,
                "is too large to be a certificate bundle",
                "it has more than \(sizeLimit) bytes",
                "give a file with only the certificates to trust"
            )
        }
        // A SEQUENCE with a length of the long form: no text begins with these two bytes.
        if bytes[0] == 0x30, bytes.count > 1, (0x80...0x84).contains(bytes[1]) {
            let container = BinaryCertificates(bytes)
            throw refused(.certificateNotPEM, "is not PEM", "it looks like \(container.title)", container.hint)
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw refused(
                .certificateNotPEM,
                "is UTF-16",
                "it begins with a byte order mark of UTF-16, and programs read ASCII",
                "save it as plain ASCII, or as UTF-8 without a byte order mark"
            )
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw refused(
                .certificateNotPEM,
                "begins with a byte order mark",
                "most programs would not find the first certificate",
                "save it as plain ASCII or as UTF-8 without a byte order mark"
            )
        }
        if let index = bytes.firstIndex(where: { $0 < 0x20 ? $0 < 0x09 || $0 > 0x0D : $0 == 0x7F }) {
            throw refused(
                .certificateNotPEM,
                "is not PEM",
                "byte \(index) is not a character of a text file",
                "give a file of PEM certificates"
            )
        }
    }

    /// What DER that is not PEM is, by its first bytes.
    private enum BinaryCertificates {
        case certificate, pkcs7, pkcs12

        init(_ bytes: [UInt8]) {
            // SEQUENCE, its length in the long form, and the first element.
            let content = bytes.dropFirst(2 + Int(bytes[1] & 0x7F))
            if content.starts(with: [0x02, 0x01, 0x03]) {
                // RFC 7292 § 4: version 3.
                self = .pkcs12
            } else if content.starts(with: [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]) {
                // RFC 2315 § 14: signedData, 1.2.840.113549.1.7.2.
                self = .pkcs7
            } else {
                self = .certificate
            }
        }

        var title: String {
            switch self {
            case .certificate: "DER"
            case .pkcs7: "PKCS#7 in DER"
            case .pkcs12: "PKCS#12"
            }
        }

        var hint: String {
            switch self {
            case .certificate: "convert it with `openssl x509 -inform der -in FILE -out FILE.pem`"
            case .pkcs7: "convert it with `openssl pkcs7 -inform der -print_certs -in FILE -out FILE.pem`"
            case .pkcs12: "take its certificates out: `openssl pkcs12 -nokeys -in FILE -out FILE.pem`"
            }
        }
    }

    private static func authority(_ block: CertificatePEM.Block, _ path: String) throws(Diagnostic) -> Certificate {
        let certificate: Certificate
        do throws(Certificate.Malformation) {
            certificate = try Certificate(der: block.der)
        } catch {
            throw .certificateMalformed(block: block.number, line: block.line, in: path, because: error.reason)
        }
        guard certificate.isAuthority else {
            throw Diagnostic(
                .certificateNotAuthority,
                "block \(block.number) of `\(path)` is not the certificate of an authority",
                at: .file(path: path, line: block.line),
                because: "`\(certificate.subject)` may not sign other certificates (CA:FALSE)",
                hint: "give the certificate of the authority that signed it"
            )
        }
        return certificate
    }
}

extension Diagnostic.Code {
    package static let certificateEmpty = Self("certificate.empty", .input)
    package static let certificateTooLarge = Self("certificate.too-large", .input)
    package static let certificateNotPEM = Self("certificate.not-pem", .input)
    package static let certificateNotAuthority = Self("certificate.not-authority", .input)
    package static let certificateExpired = Self("certificate.expired", .input)
}
