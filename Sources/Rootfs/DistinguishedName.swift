import SwiftASN1

/// Who a certificate is for, in the words that `openssl x509 -subject` has for it.
struct DistinguishedName {
    /// `C = IE, O = Example, CN = Example Root`, with the escapes of RFC 4514 § 2.4.
    let line: String

    /// RFC 4519 § 2, and what else roots have in their names.
    private static let shortNames: [ASN1ObjectIdentifier: String] = [
        [2, 5, 4, 3]: "CN", [2, 5, 4, 4]: "SN", [2, 5, 4, 5]: "serialNumber", [2, 5, 4, 6]: "C", [2, 5, 4, 7]: "L",
        [2, 5, 4, 8]: "ST", [2, 5, 4, 9]: "street", [2, 5, 4, 10]: "O", [2, 5, 4, 11]: "OU", [2, 5, 4, 12]: "title",
        [2, 5, 4, 17]: "postalCode", [2, 5, 4, 42]: "GN", [2, 5, 4, 97]: "organizationIdentifier",
        [1, 2, 840, 113_549, 1, 9, 1]: "emailAddress", [0, 9, 2342, 19_200_300, 100, 1, 25]: "DC",
        [0, 9, 2342, 19_200_300, 100, 1, 1]: "UID",
    ]

    private struct Malformed: Error {}

    init(_ name: ASN1Node) throws {
        guard name.identifier == .sequence, case .constructed(let sets) = name.content else { throw Malformed() }
        line = try sets.map { set in
            guard set.identifier == .set, case .constructed(let attributes) = set.content else { throw Malformed() }
            return try attributes.map(Self.attribute).joined(separator: " + ")
        }.joined(separator: ", ")
    }

    private static func attribute(_ node: ASN1Node) throws -> String {
        try DER.sequence(node, identifier: .sequence) { parts in
            let kind = try ASN1ObjectIdentifier(derEncoded: &parts)
            guard let value = parts.next() else { throw Malformed() }
            return "\(shortNames[kind] ?? "\(kind)") = \(try text(value))"
        }
    }

    private static func text(_ value: ASN1Node) throws -> String {
        guard case .primitive(let bytes) = value.content else { throw Malformed() }
        switch value.identifier {
        case .utf8String, .printableString, .ia5String, .visibleString, .numericString:
            return escaped(String(decoding: bytes, as: UTF8.self))
        // T.61 in name only: certificates have Latin-1 in it.
        case .teletexString:
            return escaped(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })))
        case .bmpString:
            guard bytes.count.isMultiple(of: 2) else { throw Malformed() }
            let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map {
                UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
            }
            return escaped(String(decoding: units, as: UTF16.self))
        default:
            return "#"
                + value.encodedBytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let isAtEdge = index == 0 || index == scalars.count - 1
            switch scalar {
            case ",", "+", "\"", "\\", "<", ">", ";": result += "\\"
            case "#" where index == 0, " " where isAtEdge: result += "\\"
            default: break
            }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
