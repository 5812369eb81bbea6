import Checkup
package import Diagnostics
package import Images
package import OCI
package import SBOM
package import Store

/// The list of what is in images on their new base, which hangs on them: that of the old ones is not about these.
package struct RebaseStatements: Sendable {
    private let access: ImageAccess
    private let format: SBOMFormat
    private let created: Timestamp?
    private let version: String

    /// A list that hangs on an image.
    package struct Attached: Sendable {
        /// Digest of the image's manifest or index.
        let subject: Digest
        /// Digest of the list's own manifest.
        let place: Digest
        let repository: String
        /// Whether it was not there before.
        let isNew: Bool
    }

    /// - Parameters:
    ///   - created: the time that the lists carry; `nil` for the images' own.
    ///   - version: coracle's own.
    package init(_ access: ImageAccess, as format: SBOMFormat, created: Timestamp?, by version: String) {
        self.access = access
        self.format = format
        self.created = created
        self.version = version
    }

    /// Attaches the lists in each repository of `names`, where the images are.
    ///
    /// - Throws: what keeps the images from being read; `attached.…`, `registry.…`.
    package func attach(
        to images: ImageSet,
        named names: [Reference]
    ) async throws(Diagnostic) -> [Attached] {
        let subjects = try images.manifests()
        let documents = BuiltDocuments(
            access,
            as: format,
            called: ImageDescriber.Name(
                text: "image",
                reference: names.first.map { Reference(to: $0.repositoryName) }
            ),
            created: created,
            supplier: nil,
            adding: [],
            by: version
        )
        let made: [BuiltDocuments.Document]
        if let cached = try documents.cached(subjects) {
            made = cached
        } else {
            made = try await documents.make(of: images, subjects)
        }
        let type = MediaType(rawValue: format.mediaType)
        let attachments = made.map { PlacedAttachment(Attachment($0.bytes, as: type), on: $0.subject) }
        var attached = [Attached]()
        var repositories = [RepositoryName]()
        for name in names where !repositories.contains(name.repositoryName) { repositories.append(name.repositoryName) }
        for repository in repositories {
            let place = try Reference(parsing: "\(repository)@\(images.top.digest)")
            let results = try await access.attach(attachments, at: .registry(place), areSubjectsThere: true)
            for (document, result) in zip(made, results) {
                attached.append(
                    Attached(
                        subject: document.subject.digest,
                        place: result.descriptor.digest,
                        repository: repository.description,
                        isNew: result.isNew
                    )
                )
            }
        }
        return attached
    }
}
