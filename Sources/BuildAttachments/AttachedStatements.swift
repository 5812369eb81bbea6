package import Build
package import ByteIO
import Checkup
package import Diagnostics
package import Images
import KeyCommands
package import Layers
package import OCI
package import Request
import SBOM
import SharedOptions
import SignedImages
import Signing
package import Store
import Synchronization

/// What `build` says about the images of one request: what is in them, what they were made of, and who stands for that.
///
/// All of it that goes into one repository is attached in one go, behind the images: a push that is cut short anywhere leaves
/// them whole, and without what was to hang on them.
package struct AttachedStatements: BuildStatements {
    private let access: ImageAccess
    private let request: BuildRequest
    private let key: PrivateKey?
    private let list: List?
    private let provenance: Provenance?
    private let note: @Sendable (Diagnostic) -> Void
    private let made = MadeDocuments()

    /// The documents by the digest of the images' top: in a layout they are needed before the images are there, and after.
    private final class MadeDocuments: Sendable {
        let byTop = Mutex<[Digest: [BuiltDocuments.Document]]>([:])
    }

    /// The list of what is in the images.
    private struct List: Sendable {
        let documents: BuiltDocuments
        let format: SBOMFormat
        let output: FilePath?
        let isAttached: Bool
        let isAsked: Bool

        var mediaType: MediaType { MediaType(rawValue: format.mediaType) }

        var predicateType: PredicateType {
            switch format {
            case .spdx: .spdx
            case .cyclonedx: .cycloneDX
            }
        }
    }

    private struct Provenance: Sendable {
        let isAttested: Bool
        let output: FilePath?
        let builder: BuildProvenance.Builder
        let options: JSON?
    }

    /// `nil` if nothing is to be said.
    ///
    /// - Parameter builder: a URI for where the build runs.
    /// - Throws: `usage.malformed`, `usage.conflict`, `sbom.added-malformed`, `json.malformed`, `key.…`.
    package init?(
        _ asked: StatementRequest,
        _ request: BuildRequest,
        by builder: String,
        _ access: ImageAccess,
        note: @escaping @Sendable (Diagnostic) -> Void
    ) throws(Diagnostic) {
        let list = try asked.list(request)
        key = try asked.key(request)
        if key != nil { _ = try access.settings.signatureRepository() }
        let isStated = asked.attestsProvenance || asked.provenanceOutput != nil
        guard list != nil || key != nil || isStated else { return nil }
        self.access = access
        self.request = request
        self.note = note
        provenance =
            isStated
            ? Provenance(
                isAttested: asked.attestsProvenance,
                output: asked.provenanceOutput.map { FilePath($0) },
                builder: BuildProvenance.Builder(id: builder, version: coracleVersion),
                options: asked.options
            ) : nil
        guard let list else {
            self.list = nil
            return
        }
        var added = [AddedDocument]()
        for path in asked.sbomAdd { added.append(try AddedDocument(readingFrom: FilePath(path))) }
        added += AddedDocument.besides(request.paths)
        let place = request.output?.path ?? request.paths.first
        self.list = List(
            documents: BuiltDocuments(
                access,
                as: list.format,
                called: ImageDescriber.Name(
                    text: place.map(ImageDescriber.name(of:)) ?? "image",
                    // An image that is pushed under many tags has one document, and not one for each.
                    reference: request.names.first.map { Reference(to: $0.repositoryName) }
                ),
                created: try SourceDateEpoch.fromEnvironment(),
                supplier: nil,
                adding: added,
                by: coracleVersion
            ),
            format: list.format,
            output: asked.sbomOutput.map { FilePath($0) },
            isAttached: list.isAttached,
            isAsked: list.isAsked
        )
    }

    /// The files that are written beside the images.
    package var files: [FilePath] { [list?.output, provenance?.output].compactMap(\.self) }

    package var needsPlan: Bool { provenance != nil }
    package var takesDigests: Bool { list != nil }

    // MARK: Layouts

    package func accompanied(
        _ images: ImageSet,
        knowing files: [Digest: WrittenFiles]
    ) async throws(Diagnostic) -> ImageSet {
        guard let list, list.isAttached, !request.isPushed else { return images }
        return images.attaching(attachments(try await documents(list, images, knowing: files), list))
    }

    // MARK: Images in place

    package func state(
        about images: ImageSet,
        _ report: BuildReport?
    ) async throws(Diagnostic) -> [BuildStatement] {
        var said = [BuildStatement]()
        let predicate = try provenance.flatMap { provenance throws(Diagnostic) in
            try report.map { report throws(Diagnostic) in
                try BuildProvenance(
                    of: report,
                    by: provenance.builder,
                    options: provenance.options,
                    access
                ).predicate
            }
        }
        if let output = provenance?.output, let predicate {
            let statement = Statement(about: images.top.digest, .provenance, predicate)
            try OutputFile.write(statement.bytes + [UInt8(ascii: "\n")], to: output)
            said.append(Self.wrote(output))
        }
        var documents = [BuiltDocuments.Document]()
        if let list {
            do throws(Diagnostic) {
                // The file is the one that an earlier build wrote: neither it nor the cached document has to be read.
                if report == nil, !list.isAttached, let output = list.output,
                    try list.documents.isWritten(at: output, about: images.top)
                {
                    return said + [Self.wrote(output)]
                }
                documents = try await self.documents(list, images, knowing: report?.images.files ?? [:])
            } catch {
                guard isOptional, list.output == nil else { throw error }
                return said + (try unattached(error))
            }
            if let output = list.output, let whole = documents.last {
                try list.documents.write(whole, to: output, startedAt: request.startedAt)
                said.append(Self.wrote(output))
            }
        }
        guard request.isPushed else {
            guard case .layout(let path)? = request.output, let list, list.isAttached else { return said }
            let attached = attachments(documents, list).compactMap(\.manifest)
            return said + statements(list, zip(documents, attached).map { ($0.subject, $1, true) }, path.display)
        }
        do throws(Diagnostic) {
            said += try await push(documents, images, provenance?.isAttested ?? false ? predicate : nil)
        } catch {
            guard isOptional else { throw Self.inPlace(error) }
            said += try unattached(error)
        }
        return said
    }

    /// Whether the user did not ask for what is attached: where that is not possible, the push is done all the same.
    private var isOptional: Bool { list.map { !$0.isAsked } ?? false && key == nil }

    private func unattached(_ problem: Diagnostic) throws(Diagnostic) -> [BuildStatement] {
        guard ![.cancelled, .bug].contains(problem.code.category) else { throw problem }
        note(
            Diagnostic(
                .sbomUnattached,
                "what is in the image is not attached to it",
                at: request.names.first.map { .image($0.text) },
                because: problem.reason.map { "\(problem.summary): \($0)" } ?? problem.summary,
                hint: "the image is in place; `--sbom none` leaves this out, and with `--sbom spdx` it has to work"
            )
        )
        return []
    }

    private static func inPlace(_ problem: Diagnostic) -> Diagnostic {
        var problem = problem
        problem.hint =
            (problem.hint.map { "\($0); " } ?? "") + "the image is in place, without what was to be attached to it"
        return problem
    }

    private func documents(
        _ list: List,
        _ images: ImageSet,
        knowing files: [Digest: WrittenFiles]
    ) async throws(Diagnostic) -> [BuiltDocuments.Document] {
        let top = images.top.digest
        if let known = made.byTop.withLock({ $0[top] }) { return known }
        let subjects = try images.manifests()
        let documents: [BuiltDocuments.Document]
        if let cached = try list.documents.cached(subjects) {
            documents = cached
        } else {
            documents = try await list.documents.make(of: images, knowing: files, subjects)
        }
        made.byTop.withLock { $0[top] = documents }
        return documents
    }

    private func attachments(_ documents: [BuiltDocuments.Document], _ list: List) -> [PlacedAttachment] {
        documents.map { PlacedAttachment(Attachment($0.bytes, as: list.mediaType), on: $0.subject) }
    }

    private static func wrote(_ path: FilePath) -> BuildStatement { BuildStatement(line: "wrote \(path.display)") }

    /// What hangs on images, by subject and manifest, and whether it is new there.
    private func statements(
        _ list: List,
        _ documents: [(subject: Descriptor, manifest: Descriptor, isNew: Bool)],
        _ place: String
    ) -> [BuildStatement] {
        var isTold = false
        return documents.map { document in
            let json: JSON = [
                "image": .string(document.subject.digest.description), "type": .string(list.format.mediaType),
                "place": .string(document.manifest.digest.description), "written": .bool(document.isNew),
                "in": .string(place),
            ]
            guard document.isNew, !isTold else { return BuildStatement(line: nil, json: json) }
            isTold = true
            return BuildStatement(line: "attached what is in it to \(place)", json: json)
        }
    }

    // MARK: Registries

    /// Attaches everything in each repository that the images were pushed to.
    private func push(
        _ documents: [BuiltDocuments.Document],
        _ images: ImageSet,
        _ provenance: JSON?
    ) async throws(Diagnostic) -> [BuildStatement] {
        var repositories = [RepositoryName]()
        for name in request.names where !repositories.contains(name.repositoryName) {
            repositories.append(name.repositoryName)
        }
        let attachments = list.map { self.attachments(documents, $0) } ?? []
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
            if let list {
                let made = zip(documents, attached).map { ($0.subject, $1.descriptor, $1.isNew) }
                said += statements(list, made, repository.description)
            }
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
        if let list {
            for document in documents {
                let predicate = try JSON(parsing: document.bytes, named: "the document")
                claims.append(
                    ImageSigner.Claim(image: document.subject, type: list.predicateType, predicate: predicate)
                )
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

extension Diagnostic.Code {
    static let sbomUnattached = Self("sbom.unattached", .network)
}
