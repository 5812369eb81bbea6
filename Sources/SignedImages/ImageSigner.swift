package import Diagnostics
package import Images
package import OCI
package import Signing

/// Signs images that are in a registry: writes what hangs on them, and never changes an image.
///
/// What is there already, signed by the same key, is not written again.
package struct ImageSigner: Sendable {
    private let access: ImageAccess
    private let reference: Reference
    private let reader: SignatureReader

    /// - Throws: `offline.refused`.
    package init(_ access: ImageAccess, _ reference: Reference) throws(Diagnostic) {
        try access.refuseOffline("sign")
        self.access = access
        self.reference = reference
        reader = try SignatureReader(access, .registry(reference))
    }

    // MARK: Signatures

    /// Signs the image, and with `isRecursive` each image of an index, in both forms: a bundle as referrer, and simple signing
    /// under cosign's tag. Of signatures made elsewhere, each form is written that there is a signature for.
    ///
    /// - Throws: `signature.not-of-it` if there is none; `attached.…`, `registry.…`.
    package func sign(by signer: Signer, isRecursive: Bool = false) async throws(Diagnostic) -> [SignedRecord] {
        var work = [Work]()
        for image in try await reader.images(isRecursive: isRecursive) {
            let payloads = payloads(of: image.digest)
            let (bundle, simple) = (signer.signature(of: payloads.bundle), signer.signature(of: payloads.simple))
            guard bundle != nil || simple != nil else { throw notOfIt(image.digest) }
            let known = try await reader.signatures(of: image.digest)
            let statement = Statement.signature(of: image.digest)
            func isThere(_ isTagged: Bool) -> Bool {
                known.contains { found in
                    found.isTagged == isTagged && (try? found.statement(signedBy: signer.publicKey)) == statement
                }
            }
            if let bundle {
                let envelope = Envelope(statement.bytes, as: Statement.mediaType, signatures: [bundle])
                let attachment = Self.attachment(envelope, signer.publicKey, .signature)
                work.append(Work(image, .signature, isThere(false) ? nil : attachment))
            }
            if let simple {
                let attachment = Attachment(
                    payloads.simple,
                    as: SimpleSigning.mediaType,
                    under: .signatures,
                    annotations: [SimpleSigning.signatureKey: Base64Text.encode(simple)]
                )
                work.append(Work(image, .signature, isThere(true) ? nil : attachment))
            }
        }
        return try await done(work)
    }

    /// The bytes to sign, for a key that is not at hand.
    package func payloads() async throws(Diagnostic) -> SignaturePayloads {
        payloads(of: try await reader.images(isRecursive: false)[0].digest)
    }

    private func payloads(of digest: Digest) -> SignaturePayloads {
        let statement = Statement.signature(of: digest)
        return SignaturePayloads(
            simple: SimpleSigning(reference.repositoryName.description, digest).bytes,
            bundle: Envelope.message(statement.bytes, as: Statement.mediaType)
        )
    }

    // MARK: Attestations

    /// Signs what `predicate` says about the image, as a bundle.
    ///
    /// - Throws: `attached.…`, `registry.…`.
    package func attest(
        _ type: PredicateType,
        _ predicate: JSON,
        by key: PrivateKey,
        isRecursive: Bool = false
    ) async throws(Diagnostic) -> [SignedRecord] {
        var work = [Work]()
        for image in try await reader.images(isRecursive: isRecursive) {
            let statement = Statement(about: image.digest, type, predicate)
            let isThere = try await reader.signatures(of: image.digest).contains { found in
                (try? found.statement(signedBy: key.publicKey)) == statement
            }
            let attachment = Self.attachment(Envelope(statement, by: key), key.publicKey, type)
            work.append(Work(image, type, isThere ? nil : attachment))
        }
        return try await done(work)
    }

    // MARK: Writing

    /// A signature of one image.
    private struct Work {
        let image: Descriptor
        let type: PredicateType
        /// `nil` if it is there already.
        let attachment: Attachment?

        init(_ image: Descriptor, _ type: PredicateType, _ attachment: Attachment?) {
            (self.image, self.type, self.attachment) = (image, type, attachment)
        }
    }

    private static func attachment(_ envelope: Envelope, _ key: PublicKey, _ type: PredicateType) -> Attachment {
        Attachment(
            SignatureBundle(envelope, by: key).bytes,
            as: SignatureBundle.mediaType,
            annotations: [
                "dev.sigstore.bundle.content": "dsse-envelope",
                "dev.sigstore.bundle.predicateType": type.rawValue,
                "in-toto.io/predicate-type": type.rawValue,
            ]
        )
    }

    /// Attaches everything in one go, so that each list is written once.
    private func done(_ work: [Work]) async throws(Diagnostic) -> [SignedRecord] {
        let documents = work.compactMap { work in
            work.attachment.map { PlacedAttachment($0, on: work.image) }
        }
        var written = try await access.attach(documents, at: .registry(reference))[...]
        return work.map { work in
            guard let attachment = work.attachment, let descriptor = written.popFirst() else {
                return SignedRecord(image: work.image.digest, type: work.type, .there)
            }
            let place =
                switch attachment.form {
                case .referrer: descriptor.digest.description
                case .tag(let kind): AttachedTag(kind, of: work.image.digest)?.name ?? ""
                }
            return SignedRecord(image: work.image.digest, type: work.type, .written(place))
        }
    }

    private func notOfIt(_ digest: Digest) -> Diagnostic {
        Diagnostic(
            .signatureNotOfIt,
            "none of the given signatures is of `\(reference.text)`",
            at: .image(digest.description),
            because: "the key verifies none of them for the bytes that are to be signed",
            hint: "sign what `coracle sign \(reference.text) --payload-out FILE` writes, with ECDSA"
        )
    }
}

/// What was signed, and where it is.
package struct SignedRecord: Sendable {
    /// Where the signature is.
    package enum Place: Hashable, Sendable {
        /// Under this digest or tag.
        case written(String)
        /// Where it was before.
        case there
    }

    package let image: Digest
    package let type: PredicateType
    package let place: Place

    init(image: Digest, type: PredicateType, _ place: Place) {
        self.image = image
        self.type = type
        self.place = place
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["image"] = .string(image.description)
        json["type"] = .string(type.rawValue)
        switch place {
        case .written(let place): json["place"] = .string(place)
        case .there: json["place"] = .null
        }
        json["written"] = .bool(place != .there)
        return .object(json)
    }
}

extension Diagnostic.Code {
    static let signatureNotOfIt = Self("signature.not-of-it", .authentication)
}
