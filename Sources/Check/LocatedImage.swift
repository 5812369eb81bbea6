package import Diagnostics
package import OCI
package import Store

/// One image of a layout, with the documents that describe it.
package struct LocatedImage: Sendable {
    /// What the layout calls it; more than one if several names point to it, empty if it has no name.
    package var names: [String]
    package let manifest: Document<Manifest>
    package let config: Document<ImageConfig>

    /// Indexes within indexes are followed so deep; a made one could go on for ever.
    package static let deepestIndex = 4

    /// All images of `source`, in its order. What signatures and build records have in an index is passed over.
    ///
    /// - Throws: `blob.…`, `json.…`, `image.too-deep`, `image.not-an-image`.
    package static func all(in source: ImageSource) throws(Diagnostic) -> [LocatedImage] {
        var images = [LocatedImage]()
        for entry in try source.index().manifests {
            for image in try all(below: entry, [entry.entryName].compactMap(\.self), in: source, depth: 0) {
                if let known = images.firstIndex(where: {
                    $0.manifest.descriptor.digest == image.manifest.descriptor.digest
                }) {
                    images[known].names += image.names
                } else {
                    images.append(image)
                }
            }
        }
        return images
    }

    private static func all(
        below entry: Descriptor,
        _ names: [String],
        in source: ImageSource,
        depth: Int
    ) throws(Diagnostic) -> [LocatedImage] {
        if entry.isAttestation { return [] }
        let bytes = try source.document(entry)
        if entry.mediaType.isManifest {
            let manifest = try Document<Manifest>(decoding: bytes, of: entry)
            guard manifest.content.isImage else { return [] }
            let configBytes = try source.document(manifest.content.config)
            let config = try Document<ImageConfig>(decoding: configBytes, of: manifest.content.config)
            return [LocatedImage(names: names, manifest: manifest, config: config)]
        }
        guard entry.mediaType.isIndex else { throw .imageNotAnImage(entry) }
        guard depth < deepestIndex else { throw .imageTooDeep(entry) }
        let index = try Document<Index>(decoding: bytes, of: entry).content
        var images = [LocatedImage]()
        for child in index.manifests {
            images += try all(below: child, names, in: source, depth: depth + 1)
        }
        return images
    }
}

extension Manifest {
    /// Whether it is an image, and not a signature, document or other artifact (image-spec, manifest.md § Guidelines for
    /// Artifact Usage).
    var isImage: Bool { config.mediaType.isImageConfig }
}

extension Diagnostic {
    static func imageNotAnImage(_ entry: Descriptor) -> Diagnostic {
        Diagnostic(
            .imageNotAnImage,
            "an entry is neither an image nor an index of images",
            at: .blob(entry.digest.description),
            because: "its media type is `\(entry.mediaType.rawValue)`"
        )
    }

    static func imageTooDeep(_ entry: Descriptor) -> Diagnostic {
        Diagnostic(
            .imageTooDeep,
            "indexes are nested too deep",
            at: .blob(entry.digest.description),
            because: "at most \(LocatedImage.deepestIndex) are followed"
        )
    }
}

extension Diagnostic.Code {
    package static let imageNotAnImage = Self("image.not-an-image", .verification)
    package static let imageTooDeep = Self("image.too-deep", .verification)
}
