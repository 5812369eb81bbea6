package import OCI

/// A document that hangs on an image without being part of it: an SBOM, a signature, an attestation.
package struct Attachment: Hashable, Sendable {
    /// How it is found from the image.
    package enum Form: Hashable, Sendable {
        /// By a manifest of its own, which names the image's manifest as its subject (image-spec, manifest.md § `subject`).
        case referrer(artifactType: MediaType)
        /// By a layer of the manifest that has one of cosign's tags, `sha256-HEX.sig` or `.att`.
        case tag(AttachedTag.Kind)
    }

    package let form: Form
    /// What the bytes are.
    package let mediaType: MediaType
    package let bytes: [UInt8]
    /// Those of the manifest that names a subject, or those of a layer under a tag.
    package let annotations: [String: String]

    /// A document that is its own artifact: its media type is the artifact's type.
    package init(
        _ bytes: [UInt8],
        as mediaType: MediaType,
        artifactType: MediaType? = nil,
        annotations: [String: String] = [:]
    ) {
        form = .referrer(artifactType: artifactType ?? mediaType)
        (self.mediaType, self.bytes, self.annotations) = (mediaType, bytes, annotations)
    }

    /// A layer under a tag, beside those that are there.
    package init(_ bytes: [UInt8], as mediaType: MediaType, under tag: AttachedTag.Kind, annotations: [String: String])
    {
        form = .tag(tag)
        (self.mediaType, self.bytes, self.annotations) = (mediaType, bytes, annotations)
    }

    /// The blob of the bytes.
    var layer: Descriptor {
        var layer = Descriptor(mediaType: mediaType, digest: Digest(sha256Of: bytes), size: Int64(bytes.count))
        if case .tag = form, !annotations.isEmpty { layer.annotations = annotations }
        return layer
    }

    /// The manifest with `subject`; `nil` under a tag.
    func manifest(about subject: Descriptor) -> Document<Manifest>? {
        guard case .referrer(let type) = form else { return nil }
        let manifest = Manifest(
            config: Self.emptyConfig.descriptor,
            layers: [layer],
            annotations: annotations,
            subject: Descriptor(mediaType: subject.mediaType, digest: subject.digest, size: subject.size),
            artifactType: type
        )
        return Document(encoding: manifest, as: .imageManifest)
    }

    /// image-spec, manifest.md § Guidance for an Empty Descriptor.
    static let emptyConfig: EncodedDocument = {
        let bytes = Array("{}".utf8)
        let descriptor = Descriptor(
            mediaType: MediaType(rawValue: "application/vnd.oci.empty.v1+json"),
            digest: Digest(sha256Of: bytes),
            size: Int64(bytes.count)
        )
        return EncodedDocument(descriptor: descriptor, bytes: bytes)
    }()
}

/// An attachment, and the manifest or index that it hangs on.
package struct PlacedAttachment: Hashable, Sendable {
    package let attachment: Attachment
    package let subject: Descriptor

    package init(_ attachment: Attachment, on subject: Descriptor) {
        (self.attachment, self.subject) = (attachment, subject)
    }

    /// The manifest that names the subject; `nil` under a tag.
    package var manifest: Descriptor? { attachment.manifest(about: subject)?.descriptor }
}

extension Attachment {
    /// Size limit of a document, in bytes.
    package static let largest = 128 << 20

    /// The media type of an SPDX or CycloneDX document in JSON; `nil` for others.
    package static func knownType(of bytes: [UInt8]) -> MediaType? {
        guard bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{"),
            let json = try? JSON(parsing: bytes, named: "the document")
        else { return nil }
        if json["spdxVersion"]?.stringValue?.hasPrefix("SPDX-2.") ?? false {
            return MediaType(rawValue: "application/spdx+json")
        }
        if json["bomFormat"]?.stringValue == "CycloneDX" {
            return MediaType(rawValue: "application/vnd.cyclonedx+json")
        }
        return nil
    }
}
