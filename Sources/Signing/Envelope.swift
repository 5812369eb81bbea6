package import Diagnostics
import OCI

/// A signed message: DSSE, the Dead Simple Signing Envelope, version 1.
package struct Envelope: Hashable, Sendable {
    /// A media type.
    package let payloadType: String
    /// What is signed.
    package let payload: [UInt8]
    /// Each in DER, as far as they are base64.
    package let signatures: [[UInt8]]

    private static let mostSignatures = 100

    package init(_ payload: [UInt8], as payloadType: String, signatures: [[UInt8]]) {
        self.payload = payload
        self.payloadType = payloadType
        self.signatures = signatures
    }

    /// Signs a statement.
    package init(_ statement: Statement, by key: PrivateKey) {
        let payload = statement.bytes
        let message = Self.message(payload, as: Statement.mediaType)
        self.init(payload, as: Statement.mediaType, signatures: [key.signature(of: message)])
    }

    /// The bytes that are signed: the pre-authentication encoding (DSSE § PAE).
    package static func message(_ payload: [UInt8], as type: String) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
    }

    /// Whether one of the signatures is of `key`.
    package func isSigned(by key: PublicKey) -> Bool {
        let message = Self.message(payload, as: payloadType)
        return signatures.contains { key.verifies($0, of: message) }
    }

    /// Reads an envelope that stands by itself; `name` is what messages call it.
    ///
    /// - Throws: `json.malformed`, `json.unexpected`.
    package init(decoding bytes: [UInt8], named name: String) throws(Diagnostic) {
        try self.init(JSONReader(try JSON(parsing: bytes, named: name), named: name))
    }

    /// - Throws: `json.unexpected`.
    init(_ reader: JSONReader) throws(Diagnostic) {
        payloadType = try reader.member("payloadType").string()
        payload = try reader.member("payload").data()
        let list = try reader.member("signatures").array()
        guard (1...Self.mostSignatures).contains(list.count) else {
            throw reader.malformed("it has \(list.count) signatures, and 1 to \(Self.mostSignatures) are read")
        }
        var signatures = [[UInt8]]()
        for signature in list { signatures.append(try signature.member("sig").data()) }
        self.signatures = signatures
    }

    /// Without key ids: readers take them for names in a form of their own, and pass over a signature that has another.
    var json: JSON {
        [
            "payload": .string(Base64Text.encode(payload)), "payloadType": .string(payloadType),
            "signatures": .array(signatures.map { ["sig": .string(Base64Text.encode($0))] }),
        ]
    }
}

extension JSONReader {
    /// The bytes of a text in base64.
    func data() throws(Diagnostic) -> [UInt8] {
        guard let bytes = Base64Text.decode(try string()) else { throw malformed("it is not base64") }
        return bytes
    }
}
