import ByteIO
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
    /// - Throws: `blob.…`, `json.…`, `image.too-deep`, `image.too-large`, `image.not-an-image`.
    package static func all(in source: ImageSource) throws(Diagnostic) -> [LocatedImage] {
        var search = ImageSearch(source: source)
        for entry in try source.index().manifests {
            let found = try search.images(below: entry, depth: 0)
            guard let name = entry.entryName else { continue }
            for place in found { search.images[place].names.append(name) }
        }
        return search.images
    }
}

/// Finds the images of a layout; each document is read once, however often it is named.
private struct ImageSearch {
    let source: ImageSource
    var images: [LocatedImage] = []
    /// The images at or below a document.
    private var known: [Digest: [Int]] = [:]
    private var documentSize = 0

    init(source: ImageSource) { self.source = source }

    /// Manifests and configs in all, in bytes: they are held in memory.
    private static let mostDocuments = 96 << 20

    /// The places in `images` of what is at or below `entry`.
    mutating func images(below entry: Descriptor, depth: Int) throws(Diagnostic) -> [Int] {
        if entry.isAttestation { return [] }
        if let places = known[entry.digest] { return places }
        var places = [Int]()
        if entry.mediaType.isManifest {
            if let image = try image(entry) {
                places = [images.count]
                images.append(image)
            }
        } else if entry.mediaType.isIndex {
            guard depth < LocatedImage.deepestIndex else { throw .imageTooDeep(entry) }
            let index = try Document<Index>(decoding: try source.document(entry), of: entry).content
            var seen = Set<Int>()
            for child in index.manifests {
                for place in try images(below: child, depth: depth + 1) where seen.insert(place).inserted {
                    places.append(place)
                }
            }
        } else {
            // Beside images, an index may have other things.
            guard depth > 0 else { throw .imageNotAnImage(entry) }
        }
        known[entry.digest] = places
        return places
    }

    private mutating func image(_ entry: Descriptor) throws(Diagnostic) -> LocatedImage? {
        let manifest = try Document<Manifest>(decoding: try source.document(entry), of: entry)
        guard manifest.content.isImage else { return nil }
        let configBytes = try source.document(manifest.content.config)
        let config = try Document<ImageConfig>(decoding: configBytes, of: manifest.content.config)
        documentSize += manifest.bytes.count + configBytes.count
        guard documentSize <= Self.mostDocuments else {
            throw Diagnostic(
                .imageTooLarge,
                "`\(source.path.display)` has too many images",
                at: .file(path: source.path.display),
                because: "their manifests and configs have more than \(Self.mostDocuments >> 20) MiB together"
            )
        }
        return LocatedImage(names: [], manifest: manifest, config: config)
    }
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
    package static let imageTooLarge = Self("image.too-large", .verification)
}
