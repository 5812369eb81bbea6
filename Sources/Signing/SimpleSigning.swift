package import Diagnostics
package import OCI

/// What cosign's older signatures sign, and what podman, CRI-O and policy engines read: the format "simple signing" of
/// containers/image.
package struct SimpleSigning: Hashable, Sendable {
    /// The repository that the signer meant, such as `ghcr.io/me/server`.
    package let repository: String
    /// The manifest's digest.
    package let digest: Digest

    package static let mediaType = MediaType(rawValue: "application/vnd.dev.cosign.simplesigning.v1+json")
    /// The annotation of a layer that has the signature of it: DER in base64.
    package static let signatureKey = "dev.cosignproject.cosign/signature"
    private static let type = "cosign container image signature"

    package init(_ repository: String, _ digest: Digest) {
        self.repository = repository
        self.digest = digest
    }

    /// Reads what was signed; `name` is what messages call it.
    ///
    /// - Throws: `json.malformed`, `json.unexpected`, `digest.malformed`.
    package init(decoding bytes: [UInt8], named name: String) throws(Diagnostic) {
        let critical = try JSONReader(try JSON(parsing: bytes, named: name), named: name).member("critical")
        let type = try critical.member("type")
        guard try type.string() == Self.type else { throw type.malformed("it is not a signature of an image") }
        repository = try critical.member("identity").optional("docker-reference")?.string() ?? ""
        digest = try critical.member("image").member("docker-manifest-digest").digest()
    }

    /// What is signed, in the bytes that cosign writes.
    package var bytes: [UInt8] {
        let json: JSON = [
            "critical": [
                "identity": ["docker-reference": .string(repository)],
                "image": ["docker-manifest-digest": .string(digest.description)],
                "type": .string(Self.type),
            ],
            "optional": .null,
        ]
        return json.encoded()
    }
}
