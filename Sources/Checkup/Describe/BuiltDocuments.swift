package import ByteIO
package import Diagnostics
import Glibc
package import Images
import Inventory
package import Layers
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
        /// The text, in order.
        let pieces: [[UInt8]]

        /// The whole text, put together again with each call.
        package var bytes: [UInt8] { pieces.count == 1 ? pieces[0] : Array(pieces.joined()) }
    }

    /// Those that an earlier build made of the same images; `nil` if one is missing.
    ///
    /// - Throws: what keeps the cache from being read.
    package func cached(_ subjects: [Descriptor]) throws(Diagnostic) -> [Document]? {
        guard let cache = try access.cache() else { return nil }
        var documents = [Document]()
        for subject in subjects {
            guard let bytes = try cache.derived(Self.kind, of: key(of: subject)) else { return nil }
            documents.append(Document(subject: subject, pieces: [bytes]))
        }
        return documents
    }

    /// Makes those of `subjects`, which are among `images`, and caches them.
    ///
    /// - Parameter files: by the digests of their layers, what a build has written just now.
    /// - Throws: what keeps the images from being read.
    package func make(
        of images: ImageSet,
        knowing files: [Digest: WrittenFiles] = [:],
        _ subjects: [Descriptor]
    ) async throws(Diagnostic) -> [Document] {
        let provider = ImageSetProvider(images, called: name.text, drafts: access.settings.temporaryDirectory)
        let descriptions = try await describer.describe(provider, called: name, knowing: files)
        for note in descriptions.whole.inventory.notes { access.note(note) }
        let cache = access.settings.cachePlace == nil ? nil : try access.cache()
        var documents = [Document]()
        for subject in subjects {
            let own = descriptions.images.first { $0.subject.digest == subject.digest } ?? descriptions.whole
            let pieces = own.adding(added).document(as: format, by: version).pieces
            documents.append(Document(subject: subject, pieces: pieces))
            try cache?.insert(derivedPieces: pieces, Self.kind, of: key(of: subject))
        }
        return documents
    }

    // MARK: A file with one

    /// Whether the file at `path` is the document about `subject`, as far as its stamp says: nothing has to be read then.
    package func isWritten(at path: FilePath, about subject: Descriptor) throws(Diagnostic) -> Bool {
        guard let cache = try access.cache(), let status = try? FileStatus(at: path), status.kind == .regular,
            let bytes = try cache.derived(Self.placeKind, of: key(of: subject))
        else { return false }
        return bytes == Self.record(of: status.stamp)
    }

    /// Writes `document`, which appears whole, unless the file has its bytes already.
    ///
    /// - Parameter startedAt: when the build began, in seconds since 1970, by which the file's stamp is trusted the next time;
    ///   `nil` to trust none.
    /// - Throws: `io.failed`.
    package func write(_ document: Document, to path: FilePath, startedAt: Int64?) throws(Diagnostic) {
        let trust = StampTrust(startedAt: startedAt)
        if let status = try? FileStatus(at: path), status.kind == .regular, trust.isSettled(status.stamp),
            Self.hasBytes(path, status.size, document.pieces)
        {
            guard access.settings.cachePlace != nil, let cache = try access.cache() else { return }
            try cache.insert(derived: Self.record(of: status.stamp), Self.placeKind, of: key(of: document.subject))
            return
        }
        try document.pieces.write(to: path)
    }

    private static func hasBytes(_ path: FilePath, _ size: Int64, _ pieces: [[UInt8]]) -> Bool {
        guard size == pieces.reduce(0, { $0 + Int64($1.count) }),
            let file = try? OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        else { return false }
        var offset: Int64 = 0
        for piece in pieces {
            guard let bytes = try? file.bytes(at: offset, count: piece.count), bytes.hasSameBytes(as: piece) else {
                return false
            }
            offset += Int64(piece.count)
        }
        return true
    }

    private static let placeKind = "sbom-place-1"

    private static func record(of stamp: FileStamp) -> [UInt8] {
        var writer = BinaryWriter()
        writer.put(stamp)
        return writer.bytes
    }

    private func key(of subject: Descriptor) -> Digest {
        Digest(sha256Of: Array("\(subject.digest)\0\(request)".utf8))
    }
}
