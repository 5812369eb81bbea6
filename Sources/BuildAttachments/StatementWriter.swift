import Build
import Checkup
import Diagnostics
import Images
import OCI
import SBOM
import SignedImages
import Signing
import Store

/// Hangs on images in registries what is said of them: what is in them, what they were made of, and who stands for that.
struct StatementWriter: Sendable {
    private let access: ImageAccess
    /// Signs all of it; `nil` if nothing is signed.
    let key: PrivateKey?
    /// That of the lists of what is in the images; `nil` if there are none.
    private let format: SBOMFormat?

    /// Takes the values as they are.
    init(_ access: ImageAccess, _ key: PrivateKey?, _ format: SBOMFormat?) {
        (self.access, self.key, self.format) = (access, key, format)
    }

    /// `documents` as they hang on their subjects.
    func attachments(_ documents: [BuiltDocuments.Document]) -> [PlacedAttachment] {
        guard let format else { return [] }
        let type = MediaType(rawValue: format.mediaType)
        return documents.map { PlacedAttachment(Attachment($0.bytes, as: type), on: $0.subject) }
    }

    /// What hangs on images, by subject and manifest, and whether it is new there.
    func statements(
        _ documents: [(subject: Descriptor, manifest: Descriptor, isNew: Bool)],
        _ place: String
    ) -> [BuildStatement] {
        var isTold = false
        return documents.map { document in
            let json: JSON = [
                "image": .string(document.subject.digest.description), "type": .string(format?.mediaType ?? ""),
                "place": .string(document.manifest.digest.description), "written": .bool(document.isNew),
                "in": .string(place),
            ]
            guard document.isNew, !isTold else { return BuildStatement(line: nil, json: json) }
            isTold = true
            return BuildStatement(line: "attached what is in it to \(place)", json: json)
        }
    }

    /// Attaches everything in each repository of `names`, where the images are: all of it in one go.
    ///
    /// - Throws: `attached.…`, `registry.…`.
    func push(
        _ documents: [BuiltDocuments.Document],
        _ images: ImageSet,
        _ provenance: JSON?,
        named names: [Reference]
    ) async throws(Diagnostic) -> [BuildStatement] {
        var repositories = [RepositoryName]()
        for name in names where !repositories.contains(name.repositoryName) { repositories.append(name.repositoryName) }
        let attachments = attachments(documents)
        let claims = try claims(documents, images, provenance)
        var said = [BuildStatement]()
        for repository in repositories {
            let reference = try Reference(parsing: "\(repository)@\(images.top.digest)")
            let signed: [SignedRecord]
            let attached: [AttachedDocument]
            if let key {
                (signed, attached) = try await ImageSigner(access, reference).write(
                    claims,
                    by: .key(key),
                    beside: attachments,
                    areImagesThere: true
                )
            } else {
                signed = []
                attached = try await access.attach(attachments, at: .registry(reference), areSubjectsThere: true)
            }
            let made = zip(documents, attached).map { ($0.subject, $1.descriptor, $1.isNew) }
            said += statements(made, repository.description)
            said += signed.map { $0.statement(in: repository) }
        }
        return said
    }

    /// What the key signs: the images, what is in them, and what they were made of.
    private func claims(
        _ documents: [BuiltDocuments.Document],
        _ images: ImageSet,
        _ provenance: JSON?
    ) throws(Diagnostic) -> [ImageSigner.Claim] {
        guard key != nil else { return [] }
        let subjects = try images.manifests()
        let beside = try images.companion.map { companion throws(Diagnostic) in
            try images.manifests(under: companion.top)
        }
        var claims = (subjects + (beside ?? [])).map { ImageSigner.Claim.signature(of: $0) }
        if let format {
            for document in documents {
                let predicate = try JSON(parsing: document.bytes, named: "the document")
                let type: PredicateType = format == .spdx ? .spdx : .cycloneDX
                claims.append(ImageSigner.Claim(image: document.subject, type: type, predicate: predicate))
            }
        }
        if let provenance {
            claims += subjects.map { ImageSigner.Claim(image: $0, type: .provenance, predicate: provenance) }
        }
        return claims
    }
}

extension SignedRecord {
    fileprivate func statement(in repository: RepositoryName) -> BuildStatement {
        var json = json.objectValue ?? JSONObject()
        json["in"] = .string(repository.description)
        var line: String?
        if case .written(let name) = place {
            line =
                type == .signature
                ? "signed: \(image) at \(name)"
                : "attested: \(type == .provenance ? "provenance" : "\(type)") at \(name)"
        }
        return BuildStatement(line: line, json: .object(json))
    }
}
