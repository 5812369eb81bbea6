public import Diagnostics

/// Several images under one name, or the images of a layout.
///
/// image-spec, image-index.md; image-layout.md § index.json File.
public struct Index: Hashable, Sendable, JSONRepresentable {
    public var manifests: [Descriptor]
    public var annotations: [String: String]
    /// Members that we do not model.
    private var others = JSONObject()

    public init(manifests: [Descriptor], annotations: [String: String] = [:]) {
        self.manifests = manifests
        self.annotations = annotations
        others["mediaType"] = .string(MediaType.imageIndex.rawValue)
    }

    public init(_ json: JSON, named name: String) throws(Diagnostic) {
        let reader = JSONReader(json, named: name)
        others = try reader.object()
        try reader.checkSchema(forbidden: ["config", "layers"]) { $0.isIndex }
        manifests = []
        for manifest in try reader.member("manifests").array() { manifests.append(try Descriptor(manifest)) }
        annotations = try reader.optional("annotations")?.stringMap() ?? [:]
    }

    public var json: JSON {
        var object = others
        object["schemaVersion"] = 2
        object["manifests"] = .array(manifests.map(\.json))
        object["annotations"] = JSON.strings(annotations)
        return .object(object)
    }
}
