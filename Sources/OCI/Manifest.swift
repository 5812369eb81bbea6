package import Diagnostics

/// One image: its configuration and its layers, the lowest first.
///
/// image-spec, manifest.md.
package struct Manifest: Hashable, Sendable {
    /// What it says it is; `nil` if it does not say.
    package var mediaType: MediaType?
    /// Names the config's blob.
    package var config: Descriptor
    /// Name the layers' blobs, the lowest first.
    package var layers: [Descriptor]
    /// Anything, by keys such as those of annotations.md.
    package var annotations: [String: String]
    /// What it is about, if it describes another manifest.
    package var subject: Descriptor?
    /// What it holds, if it is not an image.
    package var artifactType: MediaType?
    /// Members that we do not model.
    private var others = JSONObject()

    /// An OCI manifest.
    package init(
        config: Descriptor,
        layers: [Descriptor],
        annotations: [String: String] = [:],
        subject: Descriptor? = nil,
        artifactType: MediaType? = nil
    ) {
        mediaType = .imageManifest
        self.config = config
        self.layers = layers
        self.annotations = annotations
        self.subject = subject
        self.artifactType = artifactType
    }
}

extension Manifest {
    /// Whether it is an image, and not a signature, document or other artifact (image-spec, manifest.md § Guidelines for
    /// Artifact Usage).
    package var isImage: Bool { config.mediaType.isImageConfig && artifactType == nil }
}

extension Manifest: JSONRepresentable {
    private enum Key: String, CaseIterable {
        case schemaVersion, mediaType, artifactType, config, layers, subject, annotations
    }

    /// Reads an OCI manifest, or Docker's of schema 2.
    ///
    /// - Throws: `json.unexpected`, `digest.malformed`.
    package init(_ json: JSON, named name: String) throws(Diagnostic) {
        let reader = JSONReader(json, named: name)
        mediaType = try reader.schema(forbidding: ["manifests", "fslayers"], \.isManifest)
        config = try Descriptor(try reader.member(Key.config))
        layers = []
        for layer in try reader.member(Key.layers).array() { layers.append(try Descriptor(layer)) }
        annotations = try reader.optional(Key.annotations)?.stringMap() ?? [:]
        subject = try reader.optional(Key.subject).map { reader throws(Diagnostic) in try Descriptor(reader) }
        artifactType = try reader.optional(Key.artifactType)?.mediaType()
        others = try reader.others(than: Key.self)
    }

    /// With what was read and is not modelled.
    package var json: JSON {
        var object = JSONObject()
        object[Key.schemaVersion] = 2
        object[Key.mediaType] = mediaType.map { .string($0.rawValue) }
        object[Key.artifactType] = artifactType.map { .string($0.rawValue) }
        object[Key.config] = config.json
        object[Key.layers] = .array(layers.map(\.json))
        object[Key.subject] = subject?.json
        object[Key.annotations] = annotations.isEmpty ? nil : JSON.strings(annotations)
        object.append(others)
        return .object(object)
    }
}
