package import Diagnostics

/// A value with a JSON form.
package protocol JSONRepresentable: Sendable {
    /// Reads the value; `name` is what messages call the document.
    ///
    /// - Throws: `json.unexpected` naming the place in the document.
    init(_ json: JSON, named name: String) throws(Diagnostic)

    /// What `init(_:named:)` reads.
    var json: JSON { get }
}

/// A JSON document together with the exact bytes it is stored and addressed by.
///
/// A document that came from elsewhere keeps the bytes it came with: it is never encoded again, so its digest cannot change
/// and fields unknown to us are not lost.
package struct Document<Content: JSONRepresentable>: Sendable {
    // One reference: values that hold documents are copied often, and each copy would be of all that a config says.
    private final class Storage: Sendable {
        let content: Content
        let bytes: [UInt8]
        let descriptor: Descriptor

        init(_ content: Content, _ bytes: [UInt8], _ descriptor: Descriptor) {
            self.content = content
            self.bytes = bytes
            self.descriptor = descriptor
        }
    }

    private let storage: Storage

    /// What the bytes say.
    package var content: Content { storage.content }
    /// What the digest is of.
    package var bytes: [UInt8] { storage.bytes }
    /// Names the bytes: their media type, digest and size.
    package var descriptor: Descriptor { storage.descriptor }

    /// In bytes: what registries take at least, and most of them at most (distribution-spec § Pushing Manifests).
    package static var largest: Int { 4 << 20 }

    /// Writes our own document: compact, members sorted by key.
    package init(encoding content: Content, as mediaType: MediaType) {
        self.init(content, content.json.encoded(sortedKeys: true), mediaType)
    }

    /// Reads a document that came from elsewhere; `name` is what messages call it.
    ///
    /// - Throws: `document.too-large`, `json.malformed`, `digest.malformed`; `json.unexpected`, also for an index or a
    ///   manifest that says it is something else than `mediaType` (image-spec, manifest.md § `mediaType`).
    package init(decoding bytes: [UInt8], as mediaType: MediaType, named name: String) throws(Diagnostic) {
        guard bytes.count <= Self.largest else {
            throw Diagnostic(
                .documentTooLarge,
                "`\(name)` is too large",
                at: .file(path: name),
                because: "it has \(bytes.count) bytes, and registries take \(Self.largest)"
            )
        }
        let json = try JSON(parsing: bytes, named: name)
        let content = try Content(json, named: name)
        if mediaType.isIndex || mediaType.isManifest,
            let own = try JSONReader(json, named: name).optional("mediaType"),
            try own.mediaType().essence != mediaType.essence
        {
            throw own.malformed("it is `\(try own.string().excerpt)` here, and `\(mediaType)` where it is named")
        }
        self.init(content, bytes, mediaType.essence)
    }

    /// The same for a document that `descriptor` names, whose digest messages call it by.
    package init(decoding bytes: [UInt8], of descriptor: Descriptor) throws(Diagnostic) {
        try self.init(decoding: bytes, as: descriptor.mediaType, named: descriptor.digest.description)
    }

    private init(_ content: Content, _ bytes: [UInt8], _ mediaType: MediaType) {
        let digest = Digest(sha256Of: bytes)
        let descriptor = Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
        storage = Storage(content, bytes, descriptor)
    }
}

/// The bytes of a document, whatever it says.
package struct EncodedDocument: Hashable, Sendable {
    /// Names the bytes.
    package let descriptor: Descriptor
    package let bytes: [UInt8]

    /// Takes the values as they are.
    package init(descriptor: Descriptor, bytes: [UInt8]) {
        self.descriptor = descriptor
        self.bytes = bytes
    }
}

extension Document {
    package var encoded: EncodedDocument { EncodedDocument(descriptor: descriptor, bytes: bytes) }
}

// The content follows from the bytes and their media type.
extension Document: Hashable {
    package static func == (left: Document, right: Document) -> Bool {
        left.storage === right.storage || left.descriptor == right.descriptor && left.bytes == right.bytes
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(descriptor) }
}

extension Diagnostic.Code {
    package static let documentTooLarge = Self("document.too-large", .verification)
}
