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
        let images = try await reader.images(isRecursive: isRecursive)
        return try await write(images.map { Claim.signature(of: $0) }, by: signer)
    }

    private func signature(
        of image: Descriptor,
        _ known: [FoundSignature],
        _ signer: Signer
    ) throws(Diagnostic) -> [Work] {
        let payloads = payloads(of: image.digest)
        let (bundle, simple) = (signer.signature(of: payloads.bundle), signer.signature(of: payloads.simple))
        guard bundle != nil || simple != nil else { throw notOfIt(image.digest) }
        let statement = Statement.signature(of: image.digest)
        let there = known.filter { (try? $0.statement(signedBy: signer.publicKey)) == statement }
        var work = [Work]()
        if let bundle {
            let envelope = Envelope(statement.bytes, as: Statement.mediaType, signatures: [bundle])
            let attachment = Self.attachment(envelope, signer.publicKey, .signature)
            work.append(Work(image, .signature, there.allSatisfy(\.isTagged) ? attachment : nil))
        }
        if let simple {
            let attachment = Attachment(
                payloads.simple,
                as: SimpleSigning.mediaType,
                under: .signatures,
                annotations: [SimpleSigning.signatureKey: Base64Text.encode(simple)]
            )
            work.append(Work(image, .signature, there.contains(where: \.isTagged) ? nil : attachment))
        }
        return work
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
        let images = try await reader.images(isRecursive: isRecursive)
        return try await write(images.map { Claim(image: $0, type: type, predicate: predicate) }, by: .key(key))
    }

    // MARK: Writing

    /// Something that is signed about an image.
    package struct Claim: Sendable {
        package let image: Descriptor
        package let type: PredicateType
        package let predicate: JSON

        package init(image: Descriptor, type: PredicateType, predicate: JSON) {
            (self.image, self.type, self.predicate) = (image, type, predicate)
        }

        /// That the image is the signer's.
        package static func signature(of image: Descriptor) -> Claim {
            Claim(image: image, type: .signature, predicate: [:])
        }
    }

    /// Signs all of `claims`, and attaches what is signed together with `documents`, all in one go.
    ///
    /// - Parameter areImagesThere: whether it is known that the images are in the repository.
    /// - Returns: what became of the claims, and of the documents.
    /// - Throws: `signature.not-of-it`; `attached.…`, `registry.…`.
    package func write(
        _ claims: [Claim],
        by signer: Signer,
        beside documents: [PlacedAttachment] = [],
        areImagesThere: Bool = false
    ) async throws(Diagnostic) -> (claims: [SignedRecord], documents: [AttachedDocument]) {
        var known = [Digest: [FoundSignature]]()
        var work = [Work]()
        for claim in claims {
            let image = claim.image
            let found: [FoundSignature]
            if let earlier = known[image.digest] {
                found = earlier
            } else {
                found = try await reader.signatures(of: image.digest)
                known[image.digest] = found
            }
            if claim.type == .signature {
                work += try signature(of: image, found, signer)
            } else {
                work.append(try attestation(claim, found, signer))
            }
        }
        let signed = work.compactMap { work in work.attachment.map { PlacedAttachment($0, on: work.image) } }
        let place = try access.settings.signatureRepository() ?? reference.repositoryName
        guard place == reference.repositoryName else {
            // Beside them, images are not there.
            let written = try await access.attach(signed, at: .registry(Reference(to: place)), areSubjectsThere: true)
            let attached = try await access.attach(
                documents,
                at: .registry(reference),
                areSubjectsThere: areImagesThere
            )
            return (records(of: work, written.map(\.descriptor)[...]), attached)
        }
        let written = try await access.attach(
            signed + documents,
            at: .registry(reference),
            areSubjectsThere: areImagesThere
        )
        return (records(of: work, written.map(\.descriptor)[...]), Array(written.dropFirst(signed.count)))
    }

    private func write(_ claims: [Claim], by signer: Signer) async throws(Diagnostic) -> [SignedRecord] {
        try await write(claims, by: signer, beside: []).claims
    }

    private func attestation(
        _ claim: Claim,
        _ known: [FoundSignature],
        _ signer: Signer
    ) throws(Diagnostic) -> Work {
        let statement = Statement(about: claim.image.digest, claim.type, claim.predicate)
        let message = Envelope.message(statement.bytes, as: Statement.mediaType)
        guard let signature = signer.signature(of: message) else { throw notOfIt(claim.image.digest) }
        let isThere = known.contains { (try? $0.statement(signedBy: signer.publicKey)) == statement }
        let envelope = Envelope(statement.bytes, as: Statement.mediaType, signatures: [signature])
        return Work(claim.image, claim.type, isThere ? nil : Self.attachment(envelope, signer.publicKey, claim.type))
    }

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

    private func records(of work: [Work], _ written: ArraySlice<Descriptor>) -> [SignedRecord] {
        var written = written
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
