public import Diagnostics

/// A value with a JSON form.
public protocol JSONRepresentable: Sendable {
    /// Reads the value; `name` is what messages call the document.
    init(_ json: JSON, named name: String) throws(Diagnostic)
    var json: JSON { get }
}

/// A JSON document together with the exact bytes it is stored and addressed by.
///
/// A document that came from elsewhere keeps the bytes it came with: it is never encoded again, so its digest cannot change
/// and fields unknown to us are not lost.
public struct Document<Content: JSONRepresentable>: Sendable {
    public let content: Content
    public let bytes: [UInt8]
    public let descriptor: Descriptor

    /// Writes our own document: compact, members sorted by key.
    public init(encoding content: Content, as mediaType: MediaType) {
        self.init(content, content.json.encoded(sortedKeys: true), mediaType)
    }

    /// Reads a foreign document.
    ///
    /// - Throws: `json.malformed`, `json.unexpected`.
    public init(decoding bytes: [UInt8], as mediaType: MediaType, named name: String) throws(Diagnostic) {
        self.init(try Content(JSON(parsing: bytes, named: name), named: name), bytes, mediaType)
    }

    private init(_ content: Content, _ bytes: [UInt8], _ mediaType: MediaType) {
        self.content = content
        self.bytes = bytes
        descriptor = Descriptor(mediaType: mediaType, digest: Digest(sha256Of: bytes), size: Int64(bytes.count))
    }
}
