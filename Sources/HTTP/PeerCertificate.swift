internal import NIOSSL

/// The content of a server's certificate: unverified, for messages only.
struct PeerCertificate: Hashable, Sendable {
    /// The common name, or else the organization; empty if there is neither.
    let subject: String
    let issuer: String
    let isSelfIssued: Bool
    /// The hosts that it is valid for.
    let names: [String]
    /// First and last moment of its validity, in seconds since 1970.
    let validity: ClosedRange<Int64>
    /// Whether the server agreed on TLS 1.0 or 1.1 only.
    let isOldTLS: Bool

    init(_ certificate: NIOSSLCertificate, isOldTLS: Bool) {
        let (issuer, subject) = (try? certificate.toDERBytes()).flatMap(DistinguishedNames.read) ?? ([], [])
        self.subject = DistinguishedNames.name(in: subject)
        self.issuer = DistinguishedNames.name(in: issuer)
        isSelfIssued = issuer == subject
        // A hostile certificate may hold many, and a message has room for few.
        names = certificate._subjectAlternativeNames().prefix(8).compactMap { name in
            switch name.nameType {
            case .dnsName: name.contents.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            case .ipAddress: name.contents.withUnsafeBufferPointer { IPAddress(bytes: Array($0)).description }
            default: nil
            }
        }
        let first = Int64(certificate.notValidBefore)
        validity = first...max(first, Int64(certificate.notValidAfter))
        self.isOldTLS = isOldTLS
    }
}

/// The names in a certificate (RFC 5280 § 4.1), as far as a message needs them.
enum DistinguishedNames {
    /// The issuer's and the subject's name, in DER.
    static func read(_ certificate: [UInt8]) -> (issuer: ArraySlice<UInt8>, subject: ArraySlice<UInt8>)? {
        var outer = certificate[...]
        guard var body = content(&outer, 0x30), var fields = content(&body, 0x30) else { return nil }
        // The version is there in all but the oldest.
        if fields.first == 0xA0 { _ = content(&fields, 0xA0) }
        guard content(&fields, 0x02) != nil, content(&fields, 0x30) != nil, let issuer = content(&fields, 0x30),
            content(&fields, 0x30) != nil, let subject = content(&fields, 0x30)
        else { return nil }
        return (issuer, subject)
    }

    static func name(in distinguishedName: ArraySlice<UInt8>) -> String {
        var organization = ""
        var rest = distinguishedName
        while var set = content(&rest, 0x31) {
            while var pair = content(&set, 0x30), let type = content(&pair, 0x06), let tag = pair.first,
                let value = content(&pair, tag)
            {
                // 2.5.4.3 and 2.5.4.10
                let text = String(decoding: value.prefix(128), as: UTF8.self)
                if type.elementsEqual([0x55, 0x04, 0x03]) { return text }
                if type.elementsEqual([0x55, 0x04, 0x0A]) { organization = text }
            }
        }
        return organization
    }

    /// Takes one element from the front if it has `tag`.
    private static func content(_ rest: inout ArraySlice<UInt8>, _ tag: UInt8) -> ArraySlice<UInt8>? {
        var bytes = rest
        guard bytes.popFirst() == tag, let first = bytes.popFirst() else { return nil }
        var length = Int(first)
        if first & 0x80 != 0 {
            guard (1...4).contains(first & 0x7F) else { return nil }
            length = 0
            for _ in 0..<(first & 0x7F) {
                guard let byte = bytes.popFirst() else { return nil }
                length = length << 8 | Int(byte)
            }
        }
        guard length <= bytes.count else { return nil }
        rest = bytes.dropFirst(length)
        return bytes.prefix(length)
    }
}
