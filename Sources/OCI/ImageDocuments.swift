/// The documents that make one image, or several under one name: configs, manifests, and the index over several.
///
/// The only place that decides how they refer to each other.
package struct ImageDocuments: Sendable {
    /// The documents of one platform's image.
    package struct Image: Sendable {
        package let platform: Platform
        package let config: Document<ImageConfig>
        package let manifest: Document<Manifest>

        /// - Parameter layers: the blobs of all layers, the lowest first.
        package init(
            _ platform: Platform,
            config: ImageConfig,
            layers: [Descriptor],
            annotations: [String: String] = [:]
        ) {
            self.platform = platform
            self.config = Document(encoding: config, as: .imageConfig)
            manifest = Document(
                encoding: Manifest(config: self.config.descriptor, layers: layers, annotations: annotations),
                as: .imageManifest
            )
        }

        init(_ platform: Platform, config: Document<ImageConfig>, manifest: Document<Manifest>) {
            (self.platform, self.config, self.manifest) = (platform, config, manifest)
        }

        /// Both documents: the manifest comes after the config, to which it refers.
        package var encoded: [EncodedDocument] { [config.encoded, manifest.encoded] }
    }

    /// In the order of the index; at least one.
    package let images: [Image]
    /// Lists the manifests of several images; `nil` for one image, which needs no index.
    package let index: Document<Index>?

    /// - Parameters:
    ///   - images: at least one, in the order of the index.
    ///   - annotations: those of the index.
    package init(_ images: [Image], annotations: [String: String] = [:]) {
        precondition(!images.isEmpty, "there is at least one image")
        self.images = images
        index = Self.index(over: images, annotations)
    }

    init(_ images: [Image], under index: Document<Index>?) {
        (self.images, self.index) = (images, index)
    }

    /// What a name points to: the index, or the manifest of the only image.
    package var top: Descriptor { index?.descriptor ?? images[0].entry }

    /// All documents: each comes after those to which it refers.
    package var encoded: [EncodedDocument] { images.flatMap(\.encoded) + (index.map { [$0.encoded] } ?? []) }
}
