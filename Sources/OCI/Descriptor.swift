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

    /// Whether the blob is a layer that need not be with its image: its maker has it.
    package var isKeptElsewhere: Bool { mediaType.isForeignLayer && !(urls ?? []).isEmpty }

    /// Whether the descriptor holds no bytes of its own, or those of the blob (image-spec, descriptor.md § Properties, `data`).
    package func embeddedDataMatches() -> Bool {
        guard let member = others["data"], member != .null else { return true }
        guard case .string(let text) = member, let bytes = Base64Text.decode(text) else { return false }
        return Int64(bytes.count) == size && (digest.algorithm != .sha256 || Digest(sha256Of: bytes) == digest)
    }

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

extension Sequence<Descriptor> {
    /// Size of all blobs together, in bytes; `Int64.max` if it is larger. Their sizes are others' numbers.
    package var totalSize: Int64 { reduce(0) { $0.addingClamped($1.size) } }
}

extension Int64 {
    /// The sum; the largest or the smallest number if it is beyond.
    package func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }
}
