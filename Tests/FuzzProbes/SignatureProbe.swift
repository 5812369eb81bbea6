import Diagnostics
import Images
import OCI

@testable import Signing

/// What registries hold as signatures: bundles, envelopes, statements, and the older payload.
enum SignatureProbe {
    /// A key that has signed nothing here: the point that P-256 begins with (SEC 2 § 2.4.2).
    private static let key = PublicKey(
        point: [
            0x04, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77,
            0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96, 0x4F, 0xE3, 0x42,
            0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33, 0x57, 0x6B,
            0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5,
        ]
    )

    static func read(_ bytes: [UInt8]) {
        if let bundle = try? SignatureBundle(decoding: bytes, named: "probe") {
            read(bundle.envelope)
            let again = try? SignatureBundle(decoding: bundle.bytes, named: "probe")
            require(again?.envelope == bundle.envelope, "a bundle is not read as it was written")
        }
        if let envelope = try? Envelope(decoding: bytes, named: "probe") { read(envelope) }
        read(statement: bytes)
        if let payload = try? SimpleSigning(decoding: bytes, named: "probe") {
            let again = try? SimpleSigning(decoding: payload.bytes, named: "probe")
            require(again == payload, "a payload is not read as it was written")
        }
        if let bundle = try? BundleFile(parsing: bytes, named: "probe") {
            require(!bundle.subjects.isEmpty, "a bundle is about nothing")
            _ = bundle.annotations
        }
        require(!key.verifies(bytes, of: bytes), "anything is a signature")
    }

    private static func read(_ envelope: Envelope) {
        require(!envelope.isSigned(by: key), "anything is signed")
        read(statement: envelope.payload)
    }

    private static func read(statement bytes: [UInt8]) {
        guard let statement = try? Statement(decoding: bytes, named: "probe") else { return }
        let again = try? Statement(decoding: statement.bytes, named: "probe")
        require(again == statement, "a statement is not read as it was written")
        for (_, type) in PredicateType.names {
            _ = type.includes(statement.predicateType)
            _ = try? type.check(statement.predicate, named: "probe")
        }
        _ = PredicateType(named: statement.predicateType.rawValue)
    }
}
