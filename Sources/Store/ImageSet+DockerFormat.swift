package import Diagnostics
import OCI

extension ImageSet {
    /// The same images under manifests of Docker's: not a byte of their layers and configs changes. Their digests do.
    ///
    /// - Throws: `format.refused` for zstd layers, and for what is not an image.
    package func inDockerFormat() throws(Diagnostic) -> ImageSet {
        var conversion = DockerConversion(self)
        var top = try conversion.convert(self.top, depth: 0)
        top.annotations = self.top.annotations?.filter { Self.nameKeys.contains($0.key) }
        if top.annotations?.isEmpty ?? false { top.annotations = nil }
        var images = ImageSet(top: top, names: names, listings: conversion.listings, blobs: conversion.blobs)
        images.elsewhere = elsewhere
        images.notes = notes + conversion.notes
        return images
    }

    private static let nameKeys = [AnnotationKey.refName, AnnotationKey.containerdImageName]
}

/// One way through the documents of some images.
private struct DockerConversion {
    private let items: [Digest: ImageSet.Item]
    private var made: [Digest: Descriptor] = [:]
    private(set) var blobs: [(Descriptor, ImageSet.Blob)] = []
    private(set) var listings: [ImageSet.Listing] = []
    private var lostAnnotations: Set<String> = []
    private var leftOut = 0

    /// Indexes within indexes are followed so deep.
    private static let deepestIndex = 4

    init(_ images: ImageSet) {
        items = Dictionary(images.blobs.map { ($0.descriptor.digest, $0) }) { first, _ in first }
    }

    /// What is not said any more, and what is not there any more.
    var notes: [Diagnostic] {
        var notes = [Diagnostic]()
        if !lostAnnotations.isEmpty {
            let keys = lostAnnotations.sorted()
            let shown = keys.prefix(5).map { "`\($0.excerpt)`" }.joined(separator: ", ")
            notes.append(
                Diagnostic(
                    .dockerFormatAnnotations,
                    "Docker's manifests have no annotations, and these are left out: \(shown)"
                        + (keys.count > 5 ? " and \(keys.count - 5) more" : ""),
                    hint: "labels, which are in the configuration, stay"
                )
            )
        }
        if leftOut > 0 {
            notes.append(
                Diagnostic(
                    .dockerFormatLeftOut,
                    "\(leftOut == 1 ? "a document" : "\(leftOut) documents") beside the images \(leftOut == 1 ? "is" : "are") left out",
                    because: "Docker's lists name images only"
                )
            )
        }
        return notes
    }

    mutating func convert(_ entry: Descriptor, depth: Int) throws(Diagnostic) -> Descriptor {
        if let known = made[entry.digest] { return described(known, as: entry) }
        guard case .bytes(let bytes)? = items[entry.digest]?.content else {
            throw Diagnostic(
                .blobMissing,
                "the image lacks a document: \(entry.digest)",
                at: .blob(entry.digest.description)
            )
        }
        let descriptor: Descriptor
        if entry.mediaType.isIndex {
            descriptor = try convert(Document<Index>(decoding: bytes, of: entry), depth)
        } else {
            descriptor = try convert(Document<Manifest>(decoding: bytes, of: entry))
        }
        made[entry.digest] = descriptor
        return described(descriptor, as: entry)
    }

    private mutating func convert(_ index: Document<Index>, _ depth: Int) throws(Diagnostic) -> Descriptor {
        guard depth < Self.deepestIndex else {
            throw Diagnostic(
                .dockerFormatRefused,
                "indexes are nested too deep",
                at: .blob(index.descriptor.digest.description),
                because: "at most \(Self.deepestIndex) are followed",
                hint: "choose one image with `--platform`"
            )
        }
        lostAnnotations.formUnion(index.content.annotations.keys)
        var manifests = [Descriptor]()
        for child in index.content.manifests {
            guard !child.isAttestation, try isImage(child) else {
                leftOut += 1
                continue
            }
            lostAnnotations.formUnion((child.annotations ?? [:]).keys)
            manifests.append(try convert(child, depth: depth + 1))
        }
        let list = Document(encoding: Index.inDockerFormat(manifests), as: .dockerManifestList)
        blobs.append((list.descriptor, .bytes(list.bytes)))
        return list.descriptor
    }

    /// Whether it is an image or an index of some.
    private func isImage(_ entry: Descriptor) throws(Diagnostic) -> Bool {
        if entry.mediaType.isIndex { return true }
        guard entry.mediaType.isManifest, case .bytes(let bytes)? = items[entry.digest]?.content else { return false }
        let manifest = try Document<Manifest>(decoding: bytes, of: entry).content
        return manifest.isImage && manifest.subject == nil
    }

    private mutating func convert(_ manifest: Document<Manifest>) throws(Diagnostic) -> Descriptor {
        let isDockers = manifest.descriptor.mediaType.essence == .dockerManifest
        let content = isDockers ? manifest.content : try manifest.content.inDockerFormat()
        if !isDockers {
            lostAnnotations.formUnion(manifest.content.annotations.keys)
            for layer in manifest.content.layers { lostAnnotations.formUnion((layer.annotations ?? [:]).keys) }
        }
        for blob in content.layers + [content.config] {
            // What its maker keeps need not be here.
            if let item = items[blob.digest] { blobs.append((blob, item.content)) }
        }
        let new = isDockers ? manifest : Document(encoding: content, as: .dockerManifest)
        blobs.append((new.descriptor, .bytes(new.bytes)))
        listings.append(ImageSet.Listing(config: content.config, layers: content.layers))
        return new.descriptor
    }

    private func described(_ new: Descriptor, as entry: Descriptor) -> Descriptor {
        Descriptor(mediaType: new.mediaType, digest: new.digest, size: new.size, platform: entry.platform)
    }
}

extension Diagnostic.Code {
    static let dockerFormatAnnotations = Self("format.annotations", .verification)
    static let dockerFormatLeftOut = Self("format.left-out", .verification)
}
