/// The images of several platforms under one name.
extension ImageDocuments {
    /// The index over `images`, in their order; `nil` for one image, which needs none.
    ///
    /// image-spec, image-index.md.
    static func index(over images: [Image], _ annotations: [String: String]) -> Document<Index>? {
        guard images.count > 1 else { return nil }
        return Document(encoding: Index(manifests: images.map(\.entry), annotations: annotations), as: .imageIndex)
    }

    /// The images in the order for loaders that take the first one of several: what most machines can run comes first.
    package var mostCommonFirst: [Image] {
        let isCommon = { (image: Image) in image.platform.architecture == "amd64" }
        return images.filter(isCommon) + images.filter { !isCommon($0) }
    }
}

extension ImageDocuments.Image {
    /// The manifest's descriptor with the platform, as an index has it.
    package var entry: Descriptor {
        var descriptor = manifest.descriptor
        descriptor.platform = platform
        return descriptor
    }
}
