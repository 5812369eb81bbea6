package import Diagnostics

/// How one blob is named from elsewhere: its type, its digest and its size in bytes.
///
/// image-spec, descriptor.md.
package struct Descriptor: Hashable, Sendable {
    /// What the blob is.
    package var mediaType: MediaType
    /// The digest of the blob's bytes.
    package var digest: Digest
    /// Size of the blob, in bytes; never negative.
    package var size: Int64
    /// What the image runs on, where the blob is a manifest.
    package var platform: Platform?
    /// Anything, by keys such as those of annotations.md.
    package var annotations: [String: String]?
    /// What kind of artifact the blob's manifest describes.
    package var artifactType: MediaType?
    /// Where the blob can be had besides the registry.
    package var urls: [String]?
    /// Members that we do not model.
    private var others = JSONObject()

    /// Takes the values as they are.
    package init(
        mediaType: MediaType,
        digest: Digest,
        size: Int64,
        platform: Platform? = nil,
        annotations: [String: String]? = nil,
        artifactType: MediaType? = nil,
        urls: [String]? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
        self.annotations = annotations
        self.artifactType = artifactType
        self.urls = urls
    }
}

extension Descriptor: JSONRepresentable {
    private enum Key: String, CaseIterable {
        case mediaType, digest, size, urls, annotations, platform, artifactType
    }

    /// Reads a descriptor that stands by itself.
    ///
    /// - Throws: `json.unexpected`, `digest.malformed`.
    package init(_ json: JSON, named name: String) throws(Diagnostic) {
        try self.init(JSONReader(json, named: name))
    }

    init(_ reader: JSONReader) throws(Diagnostic) {
        mediaType = try reader.member(Key.mediaType).mediaType()
        digest = try reader.member(Key.digest).digest()
        let size = try reader.member(Key.size)
        self.size = try size.int()
        guard self.size >= 0 else { throw size.malformed("\(self.size) is not a size") }
        urls = try reader.optional(Key.urls)?.strings()
        annotations = try reader.optional(Key.annotations)?.stringMap()
        platform = try reader.optional(Key.platform).map { reader throws(Diagnostic) in try Platform(reader) }
        artifactType = try reader.optional(Key.artifactType)?.mediaType()
        others = try reader.others(than: Key.self)
    }

    /// With what was read and is not modelled.
    package var json: JSON {
        var object = JSONObject()
        object[Key.mediaType] = .string(mediaType.rawValue)
        object[Key.digest] = .string(digest.description)
        object[Key.size] = .int(size)
        object[Key.urls] = urls.map { JSON.strings($0) }
        object[Key.annotations] = annotations.map { JSON.strings($0) }
        object[Key.platform] = platform?.json
        object[Key.artifactType] = artifactType.map { .string($0.rawValue) }
        object.append(others)
        return .object(object)
    }
}
