package import Build
package import ByteIO
import Checkup
package import Diagnostics
package import Images
import KeyCommands
package import Layers
package import OCI
import Request
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
    private let place: StatementPlace
    private let writer: StatementWriter
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
    }

    private struct Provenance: Sendable {
        let isAttested: Bool
        let output: FilePath?
        let builder: BuildProvenance.Builder
        let options: JSON?
    }

    /// `nil` if nothing is to be said.
    ///
    /// - Parameter environment: says where the build runs.
    /// - Throws: `usage.malformed`, `usage.conflict`, `sbom.added-malformed`, `json.malformed`, `key.…`.
    package init?(
        _ asked: StatementRequest,
        _ place: StatementPlace,
        in environment: [String: String],
        _ access: ImageAccess,
        note: @escaping @Sendable (Diagnostic) -> Void
    ) throws(Diagnostic) {
        let list = try asked.list(place)
        let key = try asked.key(place)
        writer = StatementWriter(access, key, list?.format)
        if key != nil { _ = try access.settings.signatureRepository() }
        let isStated = asked.attestsProvenance || asked.provenanceOutput != nil
        guard list != nil || key != nil || isStated else { return nil }
        self.access = access
        self.place = place
        self.note = note
        provenance =
            isStated
            ? Provenance(
                isAttested: asked.attestsProvenance,
                output: asked.provenanceOutput.map { FilePath($0) },
                builder: BuildProvenance.Builder(in: environment, version: coracleVersion),
                options: asked.options
            ) : nil
        guard let list else {
            self.list = nil
            return
        }
        var added = [AddedDocument]()
        for path in asked.sbomAdd { added.append(try AddedDocument(readingFrom: FilePath(path))) }
        added += AddedDocument.besides(place.paths)
        let path = place.output?.path ?? place.paths.first
        self.list = List(
            documents: BuiltDocuments(
                access,
                as: list.format,
                called: ImageDescriber.Name(
                    text: path.map(ImageDescriber.name(of:)) ?? "image",
                    // An image that is pushed under many tags has one document, and not one for each.
                    reference: place.names.first.map { Reference(to: $0.repositoryName) }
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

    /// Who makes the images, where it is asked what they were made of; else `nil`.
    package var builder: BuildProvenance.Builder? { provenance?.builder }

    /// Whether the user asked for something that hangs on what is pushed.
    package var isAsked: Bool { writer.key != nil || list?.isAsked ?? false }

    // MARK: Layouts

    package func accompanied(
        _ images: ImageSet,
        knowing files: [Digest: WrittenFiles]
    ) async throws(Diagnostic) -> ImageSet {
        guard let list, list.isAttached, !place.isPushed else { return images }
        return images.attaching(writer.attachments(try await documents(list, images, knowing: files)))
    }

    // MARK: Images in place

    package func state(
        about images: ImageSet,
        _ report: BuildReport?
    ) async throws(Diagnostic) -> [BuildStatement] {
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
        return try await state(about: images, predicate, knowing: report.map(\.images.files))
    }

    /// States it about images that are in place.
    ///
    /// - Parameters:
    ///   - predicate: what they were made of; `nil` if that is not asked.
    ///   - files: by the digests of their layers, what was written just now; `nil` for images that were there before.
    package func state(
        about images: ImageSet,
        _ predicate: JSON?,
        knowing files: [Digest: WrittenFiles]?
    ) async throws(Diagnostic) -> [BuildStatement] {
        var said = [BuildStatement]()
        if let output = provenance?.output, let predicate {
            let statement = Statement(about: images.top.digest, .provenance, predicate)
            try OutputFile.write(statement.bytes + [UInt8(ascii: "\n")], to: output)
            said.append(Self.wrote(output))
        }
        var documents = [BuiltDocuments.Document]()
        if let list {
            do throws(Diagnostic) {
                // The file is the one that an earlier build wrote: neither it nor the cached document has to be read.
                if files == nil, !list.isAttached, let output = list.output,
                    try list.documents.isWritten(at: output, about: images.top)
                {
                    return said + [Self.wrote(output)]
                }
                documents = try await self.documents(list, images, knowing: files ?? [:])
            } catch {
                guard isOptional, list.output == nil else { throw error }
                return said + (try unattached(error))
            }
            if let output = list.output, let whole = documents.last {
                try list.documents.write(whole, to: output, startedAt: place.startedAt)
                said.append(Self.wrote(output))
            }
        }
        guard place.isPushed else {
            guard case .layout(let path)? = place.output, let list, list.isAttached else { return said }
            let attached = writer.attachments(documents).compactMap(\.manifest)
            return said + writer.statements(zip(documents, attached).map { ($0.subject, $1, true) }, path.display)
        }
        do throws(Diagnostic) {
            said += try await writer.push(
                documents,
                images,
                provenance?.isAttested ?? false ? predicate : nil,
                named: place.names
            )
        } catch {
            guard isOptional else { throw Self.inPlace(error) }
            said += try unattached(error)
        }
        return said
    }

    /// Whether the user did not ask for what is attached: where that is not possible, the push is done all the same.
    private var isOptional: Bool { list.map { !$0.isAsked } ?? false && writer.key == nil }

    private func unattached(_ problem: Diagnostic) throws(Diagnostic) -> [BuildStatement] {
        guard ![.cancelled, .bug].contains(problem.code.category) else { throw problem }
        note(
            Diagnostic(
                .sbomUnattached,
                "what is in the image is not attached to it",
                at: place.names.first.map { .image($0.text) },
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

    private static func wrote(_ path: FilePath) -> BuildStatement { BuildStatement(line: "wrote \(path.display)") }
}

extension Diagnostic.Code {
    static let sbomUnattached = Self("sbom.unattached", .network)
}
