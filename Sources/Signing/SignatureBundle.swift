package import Diagnostics
package import OCI

/// An envelope and what it is verified with, as sigstore's tools keep it: the bundle, version 0.3.
package struct SignatureBundle: Hashable, Sendable {
    /// What it is verified with.
    package enum Material: Hashable, Sendable {
        /// A key, which its hint may name.
        case key(hint: String)
        /// A certificate that names a person or a service.
        case certificate
    }

    package let material: Material
    package let envelope: Envelope

    /// What is written; others begin the same.
    package static let mediaType = MediaType(rawValue: "application/vnd.dev.sigstore.bundle.v0.3+json")
    private static let mediaTypes = "application/vnd.dev.sigstore.bundle"

    /// Whether a blob of this media type is a bundle of any version.
    package static func hasMediaType(_ type: MediaType) -> Bool { type.rawValue.hasPrefix(mediaTypes) }

    /// An envelope signed by a key.
    package init(_ envelope: Envelope, by key: PublicKey) {
        material = .key(hint: key.hint)
        self.envelope = envelope
    }

    /// Reads a bundle; `name` is what messages call it.
    ///
    /// - Throws: `json.malformed`, `json.unexpected`.
    package init(decoding bytes: [UInt8], named name: String) throws(Diagnostic) {
        let reader = JSONReader(try JSON(parsing: bytes, named: name), named: name)
        let type = try reader.member("mediaType")
        guard Self.hasMediaType(MediaType(rawValue: try type.string())) else {
            throw type.malformed("it is not a bundle")
        }
        let material = try reader.member("verificationMaterial")
        if let key = try material.optional("publicKey") {
            self.material = .key(hint: try key.optional("hint")?.string() ?? "")
        } else {
            self.material = .certificate
        }
        guard let envelope = try reader.optional("dsseEnvelope") else {
            throw reader.malformed("it has no envelope, and signatures of images have one")
        }
        self.envelope = try Envelope(envelope)
    }

    /// Compact JSON. The list of log entries is empty, and there: some readers want it.
    package var bytes: [UInt8] {
        let hint = if case .key(let hint) = material { hint } else { "" }
        let json: JSON = [
            "mediaType": .string(Self.mediaType.rawValue),
            "verificationMaterial": ["publicKey": ["hint": .string(hint)], "tlogEntries": []],
            "dsseEnvelope": envelope.json,
        ]
        return json.encoded()
    }
}
