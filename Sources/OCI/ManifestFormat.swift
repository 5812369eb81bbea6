package import Diagnostics

/// Which media types manifests, indexes and configs have.
package enum ManifestFormat: String, Hashable, Encodable, CaseIterable, Sendable {
    case oci
    /// Docker's manifest of schema 2 and its list of manifests, for what refuses the others.
    ///
    /// distribution, manifest-v2-2.md.
    case docker
}

extension Manifest {
    /// The same image as a manifest of Docker's. It has no place for annotations, nor for what it is about.
    ///
    /// - Throws: `format.refused` for what such a manifest cannot list: zstd layers, and what is not an image.
    package func inDockerFormat() throws(Diagnostic) -> Manifest {
        guard isImage, subject == nil else {
            throw Diagnostic(
                .dockerFormatRefused,
                "what is not an image has no form of Docker's",
                at: .blob(config.digest.description),
                because: "its type is `\((artifactType ?? config.mediaType).rawValue.excerpt)`",
                hint: "leave out `--format docker`"
            )
        }
        var manifest = Manifest(
            config: Descriptor(mediaType: .dockerConfig, digest: config.digest, size: config.size),
            layers: try layers.map { layer throws(Diagnostic) in try layer.layerInDockerFormat() }
        )
        manifest.mediaType = .dockerManifest
        return manifest
    }
}

extension Index {
    /// The same images as a list of Docker's. It has no place for annotations.
    ///
    /// - Parameter manifests: their descriptors with their platforms.
    package static func inDockerFormat(_ manifests: [Descriptor]) -> Index {
        var index = Index(
            manifests: manifests.map {
                Descriptor(mediaType: $0.mediaType, digest: $0.digest, size: $0.size, platform: $0.platform)
            }
        )
        index.mediaType = .dockerManifestList
        return index
    }
}

extension Descriptor {
    fileprivate func layerInDockerFormat() throws(Diagnostic) -> Descriptor {
        let type: MediaType
        switch mediaType.essence {
        case .layerTarGzip, .dockerLayer: type = .dockerLayer
        case .layerTar, .dockerLayerTar: type = .dockerLayerTar
        case let other where other.isForeignLayer: type = .dockerForeignLayer
        case let other:
            throw Diagnostic(
                .dockerFormatRefused,
                "a layer has no form of Docker's: \(digest)",
                at: .blob(digest.description),
                because: "it is `\(other.rawValue.excerpt)`, and Docker's manifests list gzip",
                hint: mediaType.isZstdLayer
                    ? "build the image with gzip layers, or leave out `--format docker`" : "leave out `--format docker`"
            )
        }
        return Descriptor(mediaType: type, digest: digest, size: size, urls: urls)
    }
}

extension ImageDocuments.Image {
    /// The same image, its manifest written in `format`.
    ///
    /// - Throws: `format.refused`.
    package func written(as format: ManifestFormat) throws(Diagnostic) -> ImageDocuments.Image {
        guard format == .docker else { return self }
        return ImageDocuments.Image(
            platform,
            config: Document(encoding: config.content, as: .dockerConfig),
            manifest: Document(encoding: try manifest.content.inDockerFormat(), as: .dockerManifest)
        )
    }
}

extension ImageDocuments {
    /// The same images under an index written in `format`.
    package func written(as format: ManifestFormat) -> ImageDocuments {
        guard format == .docker, index != nil else { return self }
        let list = Document(encoding: Index.inDockerFormat(images.map(\.entry)), as: .dockerManifestList)
        return ImageDocuments(images, under: list)
    }
}

extension Diagnostic.Code {
    package static let dockerFormatRefused = Self("format.refused", .verification)
}
