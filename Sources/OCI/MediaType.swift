/// What a blob is.
///
/// image-spec, media-types.md; Docker's equivalents are read, and written only where they are asked for.
package struct MediaType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// As it was written, parameters included.
    package let rawValue: String

    /// Takes any text: what is not known is passed on.
    package init(rawValue: String) { self.rawValue = rawValue }

    /// Several images, or the images of a layout.
    package static let imageIndex = Self(rawValue: "application/vnd.oci.image.index.v1+json")
    /// One image.
    package static let imageManifest = Self(rawValue: "application/vnd.oci.image.manifest.v1+json")
    /// How an image is run.
    package static let imageConfig = Self(rawValue: "application/vnd.oci.image.config.v1+json")
    /// A layer that is not compressed.
    package static let layerTar = Self(rawValue: "application/vnd.oci.image.layer.v1.tar")
    /// A layer compressed with gzip.
    package static let layerTarGzip = Self(rawValue: "application/vnd.oci.image.layer.v1.tar+gzip")
    /// A layer compressed with zstd.
    package static let layerTarZstd = Self(rawValue: "application/vnd.oci.image.layer.v1.tar+zstd")

    /// Docker's index.
    package static let dockerManifestList = Self(rawValue: "application/vnd.docker.distribution.manifest.list.v2+json")
    /// Docker's manifest.
    package static let dockerManifest = Self(rawValue: "application/vnd.docker.distribution.manifest.v2+json")
    /// Docker's config.
    package static let dockerConfig = Self(rawValue: "application/vnd.docker.container.image.v1+json")
    /// Docker's layer, compressed with gzip.
    package static let dockerLayer = Self(rawValue: "application/vnd.docker.image.rootfs.diff.tar.gzip")

    /// Docker's layer that is not compressed.
    package static let dockerLayerTar = Self(rawValue: "application/vnd.docker.image.rootfs.diff.tar")
    /// Docker's layer that need not be with its image.
    package static let dockerForeignLayer = Self(rawValue: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")

    /// Without parameters, such as a `Content-Type` may have.
    package var essence: MediaType {
        guard let end = rawValue.utf8.firstIndex(of: UInt8(ascii: ";")) else { return self }
        let text = rawValue[..<end].utf8.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed()
        return MediaType(rawValue: String(decoding: Array(text), as: UTF8.self))
    }

    /// Whether it lists the manifests of several images.
    package var isIndex: Bool { [.imageIndex, .dockerManifestList].contains(essence) }
    /// Whether it describes one image.
    package var isManifest: Bool { [.imageManifest, .dockerManifest].contains(essence) }
    /// Whether it describes how an image is run; a manifest without such a config is not an image.
    package var isImageConfig: Bool { [.imageConfig, .dockerConfig].contains(essence) }
    /// Whether it is a layer compressed with gzip.
    package var isGzipLayer: Bool { [.layerTarGzip, .dockerLayer].contains(essence) }
    /// Whether it is a layer compressed with zstd.
    package var isZstdLayer: Bool { essence == .layerTarZstd }

    /// Docker's layer types in OCI's words, for the same bytes; everything else as it is.
    package var asOCILayer: MediaType {
        switch essence.rawValue {
        case "application/vnd.docker.image.rootfs.diff.tar.gzip": .layerTarGzip
        case "application/vnd.docker.image.rootfs.diff.tar.zstd": .layerTarZstd
        case "application/vnd.docker.image.rootfs.diff.tar": .layerTar
        default: self
        }
    }

    /// Whether it is a layer that may not be passed on, and that registries need not have.
    package var isForeignLayer: Bool {
        essence.rawValue.hasPrefix("application/vnd.oci.image.layer.nondistributable.")
            || essence.rawValue.hasPrefix("application/vnd.docker.image.rootfs.foreign.")
    }

    /// As it was written.
    package var description: String { rawValue }

    /// Whether it has a type and a subtype of RFC 6838 § 4.2's letters, and nothing that could end a header's line.
    package var isWellFormed: Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        guard rawValue.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return false }
        let names = essence.rawValue.split(separator: "/", omittingEmptySubsequences: false)
        return names.count == 2
            && names.allSatisfy { name in
                guard let first = name.utf8.first, isAlphanumeric(first), name.utf8.count <= 127 else { return false }
                return name.utf8.allSatisfy { isAlphanumeric($0) || "!#$&-^_.+".utf8.contains($0) }
            }
    }
}
