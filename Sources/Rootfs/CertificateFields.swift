import SwiftASN1

/// What a certificate says of itself. RFC 5280 § 4.1.
struct CertificateFields {
    /// On one line.
    let subject: String
    let notAfter: CertificateTime
    let isAuthority: Bool

    /// What is wrong with the structure.
    private struct Missing: Error {}

    /// - Throws: if the bytes are not a certificate in the distinguished encoding (DER), or have anything after it.
    init(_ der: [UInt8]) throws {
        let tbs = try DER.sequence(try DER.parse(der), identifier: .sequence) { parts in
            guard let tbs = parts.next(), parts.next()?.identifier == .sequence else { throw Missing() }
            _ = try ASN1BitString(derEncoded: &parts)
            return tbs
        }
        self = try DER.sequence(tbs, identifier: .sequence) { fields in
            let version = try DER.optionalExplicitlyTagged(&fields, tagNumber: 0, tagClass: .contextSpecific) { node in
                try Int(derEncoded: node)
            }
            _ = try ArraySlice<UInt8>(derEncoded: &fields)
            guard fields.next()?.identifier == .sequence, let issuer = fields.next(), let validity = fields.next(),
                let subject = fields.next(), fields.next()?.identifier == .sequence
            else { throw Missing() }
            let notAfter = try DER.sequence(validity, identifier: .sequence) { times in
                guard let first = times.next(), let last = times.next() else { throw Missing() }
                _ = try CertificateTime(first)
                return try CertificateTime(last)
            }
            // The unique identifiers of version 2.
            for number in 1...2 as ClosedRange<UInt> {
                DER.optionalImplicitlyTagged(&fields, tagNumber: number, tagClass: .contextSpecific) { _ in }
            }
            let extensions = try DER.optionalExplicitlyTagged(&fields, tagNumber: 3, tagClass: .contextSpecific) {
                try Extensions($0)
            }
            return CertificateFields(
                subject: try DistinguishedName(subject).line,
                notAfter: notAfter,
                isAuthority: (extensions ?? Extensions()).isAuthority(
                    isOldRoot: version == nil && issuer.encodedBytes == subject.encodedBytes
                )
            )
        }
    }

    private init(subject: String, notAfter: CertificateTime, isAuthority: Bool) {
        self.subject = subject
        self.notAfter = notAfter
        self.isAuthority = isAuthority
    }

    /// How many bytes the value at the beginning of `der` takes, as its length says (X.690 § 8.1.3); `nil` if it has none.
    static func length(of der: [UInt8]) -> Int? {
        guard der.count >= 2 else { return nil }
        guard der[1] >= 0x80 else { return 2 + Int(der[1]) }
        let count = Int(der[1] & 0x7F)
        guard (1...4).contains(count), der.count >= 2 + count else { return nil }
        return der[2..<2 + count].reduce(0) { $0 << 8 | Int($1) } + 2 + count
    }

    /// The two extensions that mark an authority. RFC 5280 § 4.2.1.3, § 4.2.1.9.
    private struct Extensions {
        private var isCA: Bool?
        private var maySign: Bool?

        init() {}

        init(_ node: ASN1Node) throws {
            guard node.identifier == .sequence, case .constructed(let entries) = node.content else { throw Missing() }
            for entry in entries {
                let (name, value) = try DER.sequence(entry, identifier: .sequence) { parts in
                    let name = try ASN1ObjectIdentifier(derEncoded: &parts)
                    _ = try DER.decodeDefault(&parts, defaultValue: false)
                    return (name, try ASN1OctetString(derEncoded: &parts).bytes)
                }
                switch name {
                case [2, 5, 29, 19]: isCA = try Self.basicConstraints(value)
                case [2, 5, 29, 15]:
                    // The bit keyCertSign is the sixth of the first byte.
                    maySign = try ASN1BitString(derEncoded: value).bytes.first.map { $0 & 0x04 != 0 } ?? false
                default: break
                }
            }
        }

        private static func basicConstraints(_ value: ArraySlice<UInt8>) throws -> Bool {
            try DER.sequence(try DER.parse(value), identifier: .sequence) { parts in
                let isCA = try DER.decodeDefault(&parts, defaultValue: false)
                // The longest path that it may begin.
                _ = parts.next()
                return isCA
            }
        }

        func isAuthority(isOldRoot: Bool) -> Bool {
            maySign != false && (isCA ?? (isOldRoot || maySign == true))
        }
    }
}
