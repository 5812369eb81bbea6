import Diagnostics
import Images
import OCI
import SignedImages
import Signing

/// That an image is signed, and what else has to be stated about it.
struct SignedRequirement: Sendable {
    /// A statement that has to be there, signed by one of the keys.
    struct Attestation: Sendable {
        let type: PredicateType
        /// A pattern of the builder's id; `nil` for any.
        var builder: String?
        /// A pattern of the URI that the source comes from; `nil` for any.
        var source: String?
    }

    /// One of these has to have signed.
    let keys: [NamedKey]
    /// Whether each platform's image has to have a signature of its own.
    var isRecursive = false
    var attestations: [Attestation] = []
    /// What the signature has to call the image; then only the form that podman reads counts. `nil` for bundles, too, and any name.
    var identity: SignedIdentity?

    /// What is to be verified, one after the other.
    func verifications(of location: ImageLocation) -> [Verification] {
        var signature = Verification(keys, isRecursive: isRecursive)
        if let identity {
            signature.condition = { found, _ throws(Diagnostic) in try identity.check(found, location) }
        }
        return [signature]
            + attestations.map { attestation in
                var verification = Verification(keys, type: attestation.type, isRecursive: isRecursive)
                verification.condition = { _, statement throws(Diagnostic) in try attestation.check(statement.predicate)
                }
                return verification
            }
    }
}

extension SignedRequirement.Attestation {
    /// - Throws: `attestation.refused`.
    fileprivate func check(_ predicate: JSON) throws(Diagnostic) {
        if let builder {
            let id = predicate["runDetails"]?["builder"]?["id"]?.stringValue
            guard let id, NamePattern(builder).matches(id) else {
                throw refused(
                    "another builder",
                    id.map { "it names `\($0.excerpt)`" } ?? "it names no builder",
                    builder
                )
            }
        }
        if let source {
            let inputs = predicate["buildDefinition"]?["resolvedDependencies"]?.arrayValue ?? []
            let sources = inputs.compactMap { $0["uri"]?.stringValue }
            guard sources.contains(where: { NamePattern(source).matches($0) }) else {
                let git = sources.filter { $0.hasPrefix("git+") }.map { "`\($0.excerpt)`" }
                let found = git.isEmpty ? "it names no source" : "it names \(git.joined(separator: ", "))"
                throw refused("another source", found, source)
            }
        }
    }

    private func refused(_ what: String, _ found: String, _ wanted: String) -> Diagnostic {
        Diagnostic(
            .attestationRefused,
            "an attestation `\(type)` is of \(what)",
            because: "\(found), and `\(wanted)` is required"
        )
    }
}

/// What a signature has to call the image that it is found at (containers-policy.json(5) § sigstoreSigned, `signedIdentity`).
enum SignedIdentity: Hashable, Sendable {
    case matchExact
    case matchRepositoryDigestOrExact
    case matchRepository
    case exactReference(String)
    case exactRepository(String)
    /// Images with the first prefix have been signed under the second.
    case remap(prefix: String, signed: String)

    /// - Throws: `signature.other-name`, `signature.other-form`.
    func check(_ signature: FoundSignature, _ location: ImageLocation) throws(Diagnostic) {
        guard let text = signature.signedName else {
            throw Diagnostic(
                .signatureOtherForm,
                "a bundle is not what the policy asks for",
                at: .image(signature.place),
                because: "podman, CRI-O and bootc read the signature under the tag `.sig` alone",
                hint: "`coracle sign` writes both forms"
            )
        }
        guard case .registry(let reference) = location else { return }
        let wanted: SignedName
        switch self {
        case .exactReference(let text), .exactRepository(let text): wanted = SignedName(text)
        case .remap(let prefix, let signed):
            let place = SignedName(reference)
            let rest = place.repository.dropFirst(prefix.count)
            let isBelow = place.repository.hasPrefix(prefix) && (rest.isEmpty || rest.first == "/")
            wanted = isBelow ? SignedName(repository: signed + rest, tag: place.tag, digest: place.digest) : place
        case .matchExact, .matchRepositoryDigestOrExact, .matchRepository: wanted = SignedName(reference)
        }
        let found = SignedName(text)
        let isExact = found == wanted && (wanted.tag != nil || wanted.digest != nil)
        let isSame = found.repository == wanted.repository
        let matches =
            switch self {
            case .matchExact, .exactReference: isExact
            case .matchRepository, .exactRepository: isSame
            case .matchRepositoryDigestOrExact, .remap: wanted.digest != nil ? isSame : isExact
            }
        guard !matches else { return }
        throw Diagnostic(
            .signatureOtherName,
            "a signature is of another name",
            at: .image(signature.place),
            because: "it calls the image `\(text.excerpt)`, and `\(wanted)` is required",
            hint: isSame ? "let the policy say `\"signedIdentity\": {\"type\": \"matchRepository\"}`" : nil
        )
    }
}

/// The name of an image, in a signature or a policy; without a tag where none is written.
private struct SignedName: Hashable, CustomStringConvertible {
    let repository: String
    let tag: String?
    let digest: String?

    init(repository: String, tag: String?, digest: String?) {
        (self.repository, self.tag, self.digest) = (repository, tag, digest)
    }

    init(_ reference: Reference) {
        repository = "\(reference.registry)/\(reference.repository)"
        // A digest decides.
        tag = reference.digest == nil ? reference.tag : nil
        digest = reference.digest?.description
    }

    /// What is not a reference is a name that nothing has.
    init(_ text: String) {
        guard let reference = try? Reference(parsing: text) else {
            self.init(repository: text, tag: nil, digest: nil)
            return
        }
        let isTagged = text.split(separator: "/").last?.contains(":") ?? false
        let place = SignedName(reference)
        self.init(repository: place.repository, tag: isTagged ? place.tag : nil, digest: place.digest)
    }

    var description: String { repository + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }
}
