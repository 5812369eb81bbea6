package import Diagnostics
package import OCI

/// Layers for a manifest under an `AttachedTag`, to which several programs add: each layer is a signature or an attestation.
///
/// What is there already stays: the manifest is never replaced, but written again with more layers.
package struct TaggedLayers: Sendable {
    /// What is to be written.
    package enum Change: Sendable {
        /// All layers are there.
        case none
        /// A manifest, and its config; no config where the manifest is the one that is copied.
        case put(config: EncodedDocument?, manifest: EncodedDocument)
        /// Another document is there, of which there can be only one.
        case kept
    }

    /// cosign reads no more.
    package static let mostLayers = 1000

    package let tag: AttachedTag
    /// The manifest that is copied; `nil` if the layers are new.
    package let original: Document<Manifest>?
    /// In their order: those that are to be there, and all that were seen there.
    private var layers: [Descriptor]

    /// The layers of a manifest that is copied.
    package init(_ tag: AttachedTag, copying manifest: Document<Manifest>) {
        self.tag = tag
        original = manifest
        layers = manifest.content.layers
    }

    /// New layers.
    package init(_ tag: AttachedTag, adding layers: [Descriptor]) {
        self.tag = tag
        original = nil
        self.layers = layers
    }

    /// What to write in the place of `current`, the manifest under the tag; `nil` if there is none.
    ///
    /// - Throws: `attached.tag-taken`, `attached.too-many`; `json.…` for what is there.
    package mutating func change(of current: (descriptor: Descriptor, bytes: [UInt8])?) throws(Diagnostic) -> Change {
        guard let current else {
            if let original, original.content.layers == layers {
                return .put(config: nil, manifest: original.encoded)
            }
            return try put(annotations: original?.content.annotations ?? [:])
        }
        if current.descriptor.digest == original?.descriptor.digest { return .none }
        guard current.descriptor.mediaType.isManifest else {
            throw .attachedTagTaken(tag.name, because: "it is an index, and a manifest is to be there")
        }
        let there = try Document<Manifest>(decoding: current.bytes, of: current.descriptor).content
        guard !there.layers.contains(where: \.mediaType.isFilesystemLayer) else {
            throw .attachedTagTaken(tag.name, because: "it is an image, and documents about one are to be there")
        }
        let missing = layers.filter { layer in !there.layers.contains { $0.isSameAttachment(as: layer) } }
        guard !missing.isEmpty else { return .none }
        guard tag.kind != .sbom else { return .kept }
        layers = there.layers + missing
        return try put(annotations: there.annotations)
    }

    private func put(annotations: [String: String]) throws(Diagnostic) -> Change {
        guard layers.count <= Self.mostLayers else {
            throw Diagnostic(
                .attachedTooMany,
                "`\(tag.name)` would get \(layers.count) layers",
                because: "at most \(Self.mostLayers) are read",
                hint: "delete the tag, and sign the image again"
            )
        }
        var rootfs = JSONObject()
        rootfs["type"] = "layers"
        rootfs["diff_ids"] = .array(layers.map { .string($0.digest.description) })
        var config = JSONObject()
        config["architecture"] = ""
        config["os"] = ""
        config["config"] = .object(JSONObject())
        config["created"] = "0001-01-01T00:00:00Z"
        config["rootfs"] = .object(rootfs)
        let bytes = JSON.object(config).encoded(sortedKeys: true)
        let descriptor = Descriptor(
            mediaType: .imageConfig,
            digest: Digest(sha256Of: bytes),
            size: Int64(bytes.count)
        )
        let manifest = Manifest(config: descriptor, layers: layers, annotations: annotations)
        return .put(
            config: EncodedDocument(descriptor: descriptor, bytes: bytes),
            manifest: Document(encoding: manifest, as: .imageManifest).encoded
        )
    }
}

extension Descriptor {
    /// Two signatures by different keys are the same payload: only their annotations differ.
    fileprivate func isSameAttachment(as other: Descriptor) -> Bool {
        digest == other.digest && (annotations ?? [:]) == (other.annotations ?? [:])
    }
}

extension MediaType {
    /// Whether it is a layer of an image's files.
    package var isFilesystemLayer: Bool {
        [.layerTar, .layerTarGzip, .layerTarZstd, .dockerLayer].contains(essence)
    }
}

extension Diagnostic {
    /// - Parameter tag: as it is named in messages.
    package static func attachedTagTaken(_ tag: String, because reason: String) -> Diagnostic {
        Diagnostic(
            .attachedTagTaken,
            "something else has the tag `\(tag)`, which is for documents about an image",
            because: reason,
            hint: "find out what it is, and give it another tag"
        )
    }
}

extension Diagnostic {
    /// Says that a document stays behind, because another is there.
    package static func attachedDiffers(_ tag: AttachedTag) -> Diagnostic {
        Diagnostic(
            .attachedDiffers,
            "another document stays under the tag `\(tag.name)`",
            because: "there can be only one, and it differs from the one that was to be put there",
            hint: "delete the tag to replace the document"
        )
    }
}

extension Diagnostic.Code {
    package static let attachedDiffers = Self("attached.differs", .verification)
    package static let attachedTagTaken = Self("attached.tag-taken", .verification)
    package static let attachedTooMany = Self("attached.too-many", .verification)
}
