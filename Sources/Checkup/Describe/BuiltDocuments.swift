package import Diagnostics
package import Images
import Inventory
package import OCI
package import SBOM
package import Store

/// The documents about images that were just built, one for each and one for their index: made once, and cached by the digest
/// of the image and all else that they say.
package struct BuiltDocuments: Sendable {
    /// A change in what documents say needs another number.
    private static let kind = "sbom-1"

    private let access: ImageAccess
    private let describer: ImageDescriber
    private let format: SBOMFormat
    private let added: [AddedDocument]
    private let version: String
    private let name: ImageDescriber.Name
    /// Everything but the images that decides the bytes.
    private let request: String

    /// - Parameters:
    ///   - created: the time that documents carry; `nil` for the images' own.
    ///   - supplier: who gives the images out; `nil` for what their labels say.
    ///   - version: coracle's own.
    package init(
        _ access: ImageAccess,
        as format: SBOMFormat,
        called name: ImageDescriber.Name,
        created: Timestamp?,
        supplier: String?,
        adding added: [AddedDocument],
        by version: String
    ) {
        self.access = access
        self.format = format
        self.added = added
        self.version = version
        self.name = name
        describer = ImageDescriber(access, created: created, supplier: supplier, isBuild: true)
        let sums = added.map(\.digest.description).joined(separator: " ")
        request = [
            version, format.rawValue, name.text, name.reference?.text ?? "", created?.description ?? "",
            supplier ?? "", sums,
        ].joined(separator: "\0")
    }

    /// A document, and the manifest or index that it is about.
    package struct Document: Sendable {
        package let subject: Descriptor
        package let bytes: [UInt8]
    }

    /// Those that an earlier build made of the same images; `nil` if one is missing.
    ///
    /// - Throws: what keeps the cache from being read.
    package func cached(_ subjects: [Descriptor]) throws(Diagnostic) -> [Document]? {
        guard let cache = try access.cache() else { return nil }
        var documents = [Document]()
        for subject in subjects {
            guard let bytes = try cache.derived(Self.kind, of: key(of: subject)) else { return nil }
            documents.append(Document(subject: subject, bytes: bytes))
        }
        return documents
    }

    /// Makes those of `subjects`, which are among `images`, and caches them.
    ///
    /// - Throws: what keeps the images from being read.
    package func make(of images: ImageSet, _ subjects: [Descriptor]) async throws(Diagnostic) -> [Document] {
        let provider = ImageSetProvider(images, called: name.text, drafts: access.settings.temporaryDirectory)
        let descriptions = try await describer.describe(provider, called: name)
        for note in descriptions.whole.inventory.notes { access.note(note) }
        let cache = access.settings.cachePlace == nil ? nil : try access.cache()
        var documents = [Document]()
        for subject in subjects {
            let own = descriptions.images.first { $0.subject.digest == subject.digest } ?? descriptions.whole
            let bytes = own.adding(added).document(as: format, by: version).bytes
            documents.append(Document(subject: subject, bytes: bytes))
            try cache?.insert(derived: bytes, Self.kind, of: key(of: subject))
        }
        return documents
    }

    private func key(of subject: Descriptor) -> Digest {
        Digest(sha256Of: Array("\(subject.digest)\0\(request)".utf8))
    }
}
