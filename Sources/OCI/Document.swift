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
    /// What the bytes say.
    package let content: Content
    /// What the digest is of.
    package let bytes: [UInt8]
    /// Names the bytes: their media type, digest and size.
    package let descriptor: Descriptor

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
        self.content = content
        self.bytes = bytes
        descriptor = Descriptor(mediaType: mediaType, digest: Digest(sha256Of: bytes), size: Int64(bytes.count))
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

extension Document: Equatable where Content: Equatable {}
extension Document: Hashable where Content: Hashable {}

extension Diagnostic.Code {
    package static let documentTooLarge = Self("document.too-large", .verification)
}
