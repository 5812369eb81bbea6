package import Diagnostics
package import Images
package import OCI
package import Signing

/// A public key, and what it was read from.
package struct NamedKey: Hashable, Sendable {
    package let key: PublicKey
    package let name: String

    package init(_ key: PublicKey, named name: String) { (self.key, self.name) = (key, name) }
}

/// The question whether one of some keys has signed something about an image.
package struct Verification: Sendable {
    /// Each of them verifies.
    package var keys: [NamedKey]
    /// What is to be stated; a signature if nothing else is asked for.
    package var type: PredicateType
    /// Whether each image of an index has to have a signature of its own.
    package var isRecursive: Bool
    /// What else has to hold of a signature that a key has made; it throws if it does not.
    package var condition: (@Sendable (FoundSignature, Statement) throws(Diagnostic) -> Void)?

    package init(_ keys: [NamedKey], type: PredicateType = .signature, isRecursive: Bool = false) {
        self.keys = keys
        self.type = type
        self.isRecursive = isRecursive
    }

    /// Verifies the image at `location`.
    ///
    /// - Returns: what was found for each image, at least one each.
    /// - Throws: `signature.…`, `attestation.type`; what reading the image throws.
    package func run(
        _ location: ImageLocation,
        _ access: ImageAccess
    ) async throws(Diagnostic) -> [VerifiedSignature] {
        let reader = try SignatureReader(access, location)
        var verified = [VerifiedSignature]()
        for image in try await reader.images(isRecursive: isRecursive) {
            verified += try judged(try await reader.signatures(of: image.digest), of: image.digest, location)
        }
        return verified
    }

    private func judged(
        _ signatures: [FoundSignature],
        of image: Digest,
        _ location: ImageLocation
    ) throws(Diagnostic) -> [VerifiedSignature] {
        var verified = [VerifiedSignature]()
        var problems = [Diagnostic]()
        for signature in signatures {
            for key in keys {
                do throws(Diagnostic) {
                    let statement = try signature.statement(signedBy: key.key)
                    try check(statement, image, signature.place)
                    try condition?(signature, statement)
                    verified.append(VerifiedSignature(image: image, key, statement, at: signature.place))
                } catch {
                    problems.append(error)
                }
            }
        }
        guard verified.isEmpty else { return verified }
        throw worst(of: problems, image, location)
    }

    private func check(_ statement: Statement, _ image: Digest, _ place: String) throws(Diagnostic) {
        guard statement.subjects.contains(image) else {
            throw Diagnostic(
                .signatureOtherImage,
                "a signature is of another image",
                at: .image(place),
                because: "it is of \(statement.subjects.first?.description ?? "no digest"), and this is \(image)",
                hint: "it was put here by someone else than its signer: do not trust it"
            )
        }
        guard type.includes(statement.predicateType) else {
            let isSignature = type == .signature
            throw Diagnostic(
                .attestationType,
                isSignature ? "an attestation is not a signature" : "what is signed is of another type",
                at: .image(place),
                because: "the key has signed `\(statement.predicateType)`, and "
                    + (isSignature ? "a signature" : "`\(type)`") + " was asked for",
                hint: statement.predicateType == .signature
                    ? "leave out `--type` to verify the signature"
                    : "to verify it, add `--type \(statement.predicateType)`"
            )
        }
    }

    /// What says most about why no signature counts, with the image's name.
    private func worst(of problems: [Diagnostic], _ image: Digest, _ location: ImageLocation) -> Diagnostic {
        let order: [Diagnostic.Code] = [
            .signatureInvalid, .signatureOtherImage, .attestationRefused, .signatureOtherName, .attestationType,
            .signatureOtherForm, .signatureCorrupt, .signatureOtherKey, .signatureCertificate,
        ]
        let names = keys.map { "`\($0.name)`" }.joined(separator: " or ")
        let what = type == .signature ? "signature" : "attestation `\(type)`"
        for code in order {
            guard var problem = problems.first(where: { $0.code == code }) else { continue }
            let reason = [problem.subject.map { "\(problem.summary): \($0)" }, problem.reason].compactMap(\.self)
            problem.reason = reason.joined(separator: "; ")
            problem.summary = "`\(location)` has no \(what) of \(names)"
            problem.subject = .image(image.description)
            if code == .signatureOtherKey { problem.hint = "verify with the key that it was signed with, or sign it" }
            return problem
        }
        return Diagnostic(
            .signatureMissing,
            "`\(location)` has no \(what)",
            at: .image(image.description),
            because: "neither a referrer of the image nor a tag beside it is one",
            hint: type == .signature
                ? "make one with `coracle sign REF --key KEY`"
                : "make one with `coracle attest REF --predicate FILE --type \(type) --key KEY`"
        )
    }
}

/// What a key has signed about an image.
package struct VerifiedSignature: Hashable, Sendable {
    package let image: Digest
    package let keyName: String
    package let fingerprint: Digest
    package let type: PredicateType
    /// What is stated.
    package let predicate: JSON
    /// A referrer's digest, or a tag.
    package let place: String

    init(image: Digest, _ key: NamedKey, _ statement: Statement, at place: String) {
        self.image = image
        keyName = key.name
        fingerprint = key.key.fingerprint
        type = statement.predicateType
        predicate = statement.predicate
        self.place = place
    }

    /// For a person: the image under the name that was asked for, what was signed, and by whom.
    package func text(for name: String) -> String {
        "\(name)@\(image)  \(type == .signature ? "signature" : "\(type)")  by \(keyName)  at \(place)"
    }

    /// For a program.
    package var json: JSON {
        [
            "image": .string(image.description),
            "type": .string(type.rawValue),
            "key": .string(keyName),
            "fingerprint": .string(fingerprint.description),
            "place": .string(place),
        ]
    }
}

extension Diagnostic.Code {
    package static let signatureMissing = Self("signature.missing", .policy)
    package static let signatureOtherImage = Self("signature.other-image", .policy)
    package static let attestationType = Self("attestation.type", .policy)
    package static let attestationRefused = Self("attestation.refused", .policy)
    package static let signatureOtherName = Self("signature.other-name", .policy)
    package static let signatureOtherForm = Self("signature.other-form", .policy)
}
