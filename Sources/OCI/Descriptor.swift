public import Diagnostics

/// How one blob is named from elsewhere: its type, its digest and its size in bytes.
///
/// image-spec, descriptor.md.
public struct Descriptor: Hashable, Sendable {
    public var mediaType: MediaType
    public var digest: Digest
    public var size: Int64
    public var platform: Platform?
    public var annotations: [String: String]?
    /// Members that we do not model.
    private var others = JSONObject()

    public init(
        mediaType: MediaType,
        digest: Digest,
        size: Int64,
        platform: Platform? = nil,
        annotations: [String: String]? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
        self.annotations = annotations
    }

    init(_ reader: JSONReader) throws(Diagnostic) {
        others = try reader.object()
        mediaType = MediaType(rawValue: try reader.member("mediaType").string())
        digest = try Digest(parsing: try reader.member("digest").string())
        size = try reader.member("size").int()
        guard size >= 0 else { throw reader.malformed("the size is \(size)") }
        platform = try reader.optional("platform").map { reader throws(Diagnostic) in try Platform(reader) }
        annotations = try reader.optional("annotations")?.stringMap()
    }

    /// What was read, with our members set over it.
    public var json: JSON {
        var object = others
        object["mediaType"] = .string(mediaType.rawValue)
        object["digest"] = .string(digest.description)
        object["size"] = .int(size)
        if let platform {
            guard case .object(var known) = object["platform"] ?? .object(JSONObject()), case .object(let own) = platform.json
            else { return .object(object) }
            for key in own.keys { known[key] = own[key] }
            object["platform"] = .object(known)
        }
        object["annotations"] = JSON.strings(annotations)
        return .object(object)
    }
}
