import ByteIO
package import Diagnostics
package import OCI
import Registry
package import Store

extension ImageAccess {
    /// Hangs documents on manifests that are at `location`, all in one go: the blobs first, then the manifests, and each list
    /// of referrers once. What is there already stays, and is not sent again.
    ///
    /// - Parameter areSubjectsThere: whether it is known that the manifests are there: then nothing asks for them.
    /// - Returns: what each of `documents` became, in their order.
    /// - Throws: `attach.no-subject`, `attach.no-place`, `attached.…`, `referrers.unlisted`; `registry.…`, `io.failed`.
    package func attach(
        _ documents: [PlacedAttachment],
        at location: ImageLocation,
        areSubjectsThere: Bool = false
    ) async throws(Diagnostic) -> [AttachedDocument] {
        guard !documents.isEmpty else { return [] }
        let all = PlacedAttachment.images(documents)
        var made = all.made.map { AttachedDocument(descriptor: $0, isNew: true) }
        let problems: [Diagnostic]
        switch location {
        case .registry(let reference):
            try refuseOffline("attach")
            noteExpansion(of: reference)
            let (client, repository) = (try client(), reference.repositoryName)
            for subject in Self.subjects(of: documents) where !areSubjectsThere {
                guard try await client.descriptor(of: .digest(subject.digest), in: repository) == nil else { continue }
                throw .attachNoSubject(subject, in: repository.description)
            }
            let present = try await present(documents, all.made, in: repository)
            made = all.made.map { AttachedDocument(descriptor: $0, isNew: !present.contains($0.digest)) }
            let missing = zip(documents, made).filter(\.1.isNew).map(\.0)
            guard !missing.isEmpty else { return made }
            let destination = RegistryDestination(client, parallel: settings.parallelTransfers)
            problems = try await destination.attach(PlacedAttachment.images(missing).images, to: repository)
        case .layout(let path, _):
            let source = try ImageSource(path, temporary: settings.temporaryDirectory)
            for subject in Self.subjects(of: documents) {
                do throws(Diagnostic) {
                    _ = try source.document(subject)
                } catch {
                    guard error.code == .blobMissing else { throw error }
                    throw .attachNoSubject(subject, in: path.display)
                }
            }
            problems = try await LayoutDestination(path).attach(all.images)
        case .archive(let path, _), .dockerArchive(let path, _):
            throw Diagnostic(
                .attachNoPlace,
                "nothing can be attached in the archive `\(path.display)`",
                at: .file(path: path.display),
                because: "an archive is written in one go",
                hint: "attach in a layout: `coracle copy oci-archive:FILE oci:DIRECTORY --referrers`, and back"
            )
        case .catalogue(let name):
            throw Diagnostic(
                .attachNoPlace,
                "nothing can be attached to the base `\(name)`",
                because: "a base of the catalogue is assembled when it is wanted, and kept nowhere",
                hint: "build or copy an image to a registry or a layout first"
            )
        }
        if let problem = problems.first { throw problem }
        return made
    }

    private static func subjects(of documents: [PlacedAttachment]) -> [Descriptor] {
        var seen = Set<Digest>()
        return documents.map(\.subject).filter { seen.insert($0.digest).inserted }
    }

    /// The digests of the manifests among `made` that are there, and found from their subjects.
    private func present(
        _ documents: [PlacedAttachment],
        _ made: [Descriptor],
        in repository: RepositoryName
    ) async throws(Diagnostic) -> Set<Digest> {
        var bySubject = [Digest: Set<Digest>]()
        for (document, made) in zip(documents, made) {
            guard case .referrer = document.attachment.form else { continue }
            bySubject[document.subject.digest, default: []].insert(made.digest)
        }
        let client = try client()
        let found = try await concurrently(Array(bySubject), atMost: settings.parallelTransfers) {
            subject,
            wanted async throws(Diagnostic) in
            try await client.present(wanted, about: subject, in: repository)
        }
        return found.reduce(into: []) { $0.formUnion($1) }
    }
}

/// A document that hangs on an image.
package struct AttachedDocument: Hashable, Sendable {
    /// The manifest that names the subject, or the layer under a tag.
    package let descriptor: Descriptor
    /// Whether it was not there before.
    package let isNew: Bool
}

extension ImageSet {
    /// The same images, and what hangs on them.
    package func attaching(_ documents: [PlacedAttachment]) -> ImageSet {
        documents.isEmpty ? self : attaching(PlacedAttachment.images(documents).images)
    }
}

extension PlacedAttachment {
    /// The blobs and manifests, and what each document became.
    fileprivate static func images(_ documents: [PlacedAttachment]) -> (images: ImageSet, made: [Descriptor]) {
        var blobs: [(Descriptor, ImageSet.Blob)] = []
        var made = [Descriptor]()
        var referrers = [Descriptor]()
        var layers = [AttachedTag: [Descriptor]]()
        for document in documents {
            let (attachment, layer) = (document.attachment, document.attachment.layer)
            blobs.append((layer, .bytes(attachment.bytes)))
            if let manifest = attachment.manifest(about: document.subject) {
                blobs.append((Attachment.emptyConfig.descriptor, .bytes(Attachment.emptyConfig.bytes)))
                blobs.append((manifest.descriptor, .bytes(manifest.bytes)))
                var entry = manifest.descriptor
                entry.artifactType = manifest.content.artifactType
                entry.annotations = attachment.annotations.isEmpty ? nil : attachment.annotations
                if !referrers.contains(where: { $0.digest == entry.digest }) { referrers.append(entry) }
                made.append(entry)
            } else if case .tag(let kind) = attachment.form {
                if let tag = AttachedTag(kind, of: document.subject.digest) {
                    layers[tag, default: []].append(layer)
                }
                made.append(layer)
            }
        }
        var images = ImageSet(top: documents[0].subject, names: [], listings: [], blobs: blobs)
        images.referrers = referrers
        images.tagged = layers.sorted { $0.key.name < $1.key.name }.map { TaggedLayers($0.key, adding: $0.value) }
        return (images, made)
    }
}

extension Diagnostic {
    fileprivate static func attachNoSubject(_ subject: Descriptor, in place: String) -> Diagnostic {
        Diagnostic(
            .attachNoSubject,
            "there is no manifest \(subject.digest) in `\(place)`",
            because: "a document about it would hang in the air",
            hint: "push or copy the image there first"
        )
    }
}

extension Diagnostic.Code {
    static let attachNoSubject = Self("attach.no-subject", .notFound)
    static let attachNoPlace = Self("attach.no-place", .usage)
}
