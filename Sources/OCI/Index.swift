package import Diagnostics

/// Several images under one name, or the images of a layout.
///
/// image-spec, image-index.md; image-layout.md § index.json File.
package struct Index: Hashable, Sendable {
    /// What it says it is; `nil` if it does not say.
    package var mediaType: MediaType?
    /// Names the images' manifests, or other indexes.
    package var manifests: [Descriptor]
    /// Anything, by keys such as those of annotations.md.
    package var annotations: [String: String]
    /// What it is about, if it describes another manifest.
    package var subject: Descriptor?
    /// What it holds, if it is not an image.
    package var artifactType: MediaType?
    /// Members that we do not model.
    private var others = JSONObject()

    /// An OCI index.
    package init(
        manifests: [Descriptor],
        annotations: [String: String] = [:],
        subject: Descriptor? = nil,
        artifactType: MediaType? = nil
    ) {
        mediaType = .imageIndex
        self.manifests = manifests
        self.annotations = annotations
        self.subject = subject
        self.artifactType = artifactType
    }
}

extension Index: JSONRepresentable {
    private enum Key: String, CaseIterable {
        case schemaVersion, mediaType, artifactType, manifests, subject, annotations
    }

    /// Reads an OCI index, or Docker's manifest list.
    ///
    /// - Throws: `json.unexpected`, `digest.malformed`.
    package init(_ json: JSON, named name: String) throws(Diagnostic) {
        let reader = JSONReader(json, named: name)
        mediaType = try reader.schema(forbidding: ["config", "layers", "fslayers"], \.isIndex)
        manifests = []
        for manifest in try reader.member(Key.manifests).array() { manifests.append(try Descriptor(manifest)) }
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
        object[Key.manifests] = .array(manifests.map(\.json))
        object[Key.subject] = subject?.json
        object[Key.annotations] = annotations.isEmpty ? nil : JSON.strings(annotations)
        object.append(others)
        return .object(object)
    }
}
