public import Diagnostics

/// One image: its configuration and its layers, the lowest first.
///
/// image-spec, manifest.md.
public struct Manifest: Hashable, Sendable, JSONRepresentable {
    public var config: Descriptor
    public var layers: [Descriptor]
    public var annotations: [String: String]
    /// Members that we do not model.
    private var others = JSONObject()

    public init(config: Descriptor, layers: [Descriptor], annotations: [String: String] = [:]) {
        self.config = config
        self.layers = layers
        self.annotations = annotations
        others["mediaType"] = .string(MediaType.imageManifest.rawValue)
    }

    public init(_ json: JSON, named name: String) throws(Diagnostic) {
        let reader = JSONReader(json, named: name)
        others = try reader.object()
        try reader.checkSchema(forbidden: ["manifests"]) { $0.isManifest }
        config = try Descriptor(try reader.member("config"))
        layers = []
        for layer in try reader.member("layers").array() { layers.append(try Descriptor(layer)) }
        annotations = try reader.optional("annotations")?.stringMap() ?? [:]
    }

    public var json: JSON {
        var object = others
        object["schemaVersion"] = 2
        object["config"] = config.json
        object["layers"] = .array(layers.map(\.json))
        object["annotations"] = JSON.strings(annotations)
        return .object(object)
    }
}

extension JSONReader {
    /// What indexes and manifests have in common. One document that could be read as either is refused (CVE-2021-41190).
    func checkSchema(forbidden: [String], accepts: (MediaType) -> Bool) throws(Diagnostic) {
        let version = try member("schemaVersion").int()
        guard version == 2 else { throw malformed("schema version \(version) is not supported, only 2") }
        for key in forbidden where try optional(key) != nil {
            throw malformed("it has `\(key)`, which makes it two kinds of document at once")
        }
        if let type = try optional("mediaType")?.string(), !accepts(MediaType(rawValue: type)) {
            throw malformed("its media type is `\(type)`")
        }
    }
}
