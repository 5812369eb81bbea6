import Build
import ByteIO
import Checkup
import Diagnostics
import Images
import KeyCommands
import OCI
import Plan
import Request
import SBOM
import SharedOptions
import SignedImages
import Signing
import Store
import Terminal

/// What `build` says of the images it made, beside them: no byte of it is in an image.
struct BuildSBOM {
    private let documents: BuiltDocuments
    private let output: FilePath?
    /// Whether they are attached to the images.
    private let isAttached: Bool
    private let request: BuildRequest
    private let format: SBOMFormat
    /// What attests them, beside.
    private let key: PrivateKey?
    private let access: ImageAccess

    /// `nil` if nothing is to be said.
    ///
    /// - Throws: `usage.malformed`, `usage.conflict`, `sbom.added-malformed`, `json.malformed`, `key.…`.
    init?(_ build: BuildOptions, _ request: BuildRequest, _ access: ImageAccess) throws {
        let options = build.output
        guard let format = try Self.format(options) else { return nil }
        output = options.sbomOutput.map { FilePath($0) }
        isAttached = options.sbom != nil
        self.request = request
        self.format = format
        key = try options.sbom == nil ? nil : build.signing.signKey.map { try KeySource(text: $0).privateKey() }
        self.access = access
        let place = request.output?.path ?? request.paths.first
        documents = BuiltDocuments(
            access,
            as: format,
            called: ImageDescriber.Name(
                text: place.map(ImageDescriber.name(of:)) ?? "image",
                reference: request.names.first
            ),
            created: try SourceDateEpoch.fromEnvironment(),
            supplier: nil,
            adding: try options.sbomAdd.map { try AddedDocument(readingFrom: FilePath($0)) }
                + AddedDocument.besides(request.paths),
            by: coracleVersion
        )
    }

    /// Each repository that the images are pushed to; if they are not, their layout.
    private func places(_ output: BuildRequest.Output?) -> [ImageLocation] {
        var repositories = Set<RepositoryName>()
        guard !request.isPushed else {
            return request.names.filter { repositories.insert($0.repositoryName).inserted }.map { .registry($0) }
        }
        guard case .layout(let path)? = output else { return [] }
        return [.layout(path, name: nil)]
    }

    private static func format(_ options: OutputOptions) throws -> SBOMFormat? {
        guard let text = options.sbom, text != "none" else {
            guard
                let unused = options.sbomOutput.map({ _ in "--sbom-output" })
                    ?? options.sbomAdd.first.map({ _ in "--sbom-add" })
            else { return nil }
            guard options.sbom == nil else {
                throw Diagnostic(
                    .usageConflict,
                    "`--sbom none` leaves nothing for `\(unused)`",
                    at: .option(unused),
                    hint: "leave out one of the two"
                )
            }
            return .spdx
        }
        return try SBOMOptions.format(text, "--sbom")
    }

    /// Writes what is in a build that was just made.
    func finish(_ report: BuildReport) async throws {
        let subjects = report.images.images.map(\.manifest.descriptor) + [report.images.set.top]
        let made = try await documents.make(of: report.images.set, knowing: report.images.files, Self.once(subjects))
        try await deliver(made, beside: report.plan.output)
    }

    /// The same of an earlier build, by what was cached of it then.
    func finish(_ recalled: RecalledBuild, _ builder: Builder, _ request: BuildRequest) async throws {
        // The file is the one that an earlier build wrote: neither it nor the cached document has to be read.
        if !isAttached, let output, try documents.isWritten(at: output, about: recalled.top) {
            return Console.log("wrote \(output.display.escapedForTerminal)")
        }
        let subjects = Self.once(try recalled.images().map(\.manifest.descriptor) + [recalled.top])
        if let cached = try documents.cached(subjects) { return try await deliver(cached, beside: recalled.output) }
        guard let images = try await builder.images(of: recalled, request) else { return }
        try await deliver(try await documents.make(of: images, subjects), beside: recalled.output)
    }

    private static func once(_ subjects: [Descriptor]) -> [Descriptor] {
        var seen = Set<Digest>()
        return subjects.filter { seen.insert($0.digest).inserted }
    }

    /// Writes the last, which is about what the names stand for, and attaches each to what it is about.
    private func deliver(
        _ documents: [BuiltDocuments.Document],
        beside place: BuildRequest.Output?
    ) async throws {
        if let output, let whole = documents.last {
            try self.documents.write(whole, to: output, startedAt: request.startedAt)
            Console.log("wrote \(output.display.escapedForTerminal)")
        }
        guard isAttached else { return }
        let mediaType = MediaType(rawValue: format.mediaType)
        let attachments = documents.map { PlacedAttachment(Attachment($0.bytes, as: mediaType), on: $0.subject) }
        for place in places(place) {
            _ = try await access.attach(attachments, at: place)
            Console.log("attached what is in it to \("\(place)".escapedForTerminal)")
            guard let key, case .registry(let name) = place else { continue }
            try await attest(documents, in: name.repositoryName, by: key)
        }
    }

    private func attest(
        _ documents: [BuiltDocuments.Document],
        in repository: RepositoryName,
        by key: PrivateKey
    ) async throws {
        let type: PredicateType =
            switch format {
            case .spdx: .spdx
            case .cyclonedx: .cycloneDX
            }
        for document in documents {
            let signer = try ImageSigner(access, Reference(parsing: "\(repository)@\(document.subject.digest)"))
            let predicate = try JSON(parsing: document.bytes, named: "the document")
            for case .written(let place) in try await signer.attest(type, predicate, by: key).map(\.place) {
                Console.log("attested: \(type) at \(place)")
            }
        }
    }
}
