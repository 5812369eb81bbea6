/// What a blob is.
///
/// image-spec, media-types.md; Docker's equivalents are read, never written.
public struct MediaType: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let imageIndex = Self(rawValue: "application/vnd.oci.image.index.v1+json")
    public static let imageManifest = Self(rawValue: "application/vnd.oci.image.manifest.v1+json")
    public static let imageConfig = Self(rawValue: "application/vnd.oci.image.config.v1+json")
    public static let layerTar = Self(rawValue: "application/vnd.oci.image.layer.v1.tar")
    public static let layerTarGzip = Self(rawValue: "application/vnd.oci.image.layer.v1.tar+gzip")
    static let dockerManifestList = Self(rawValue: "application/vnd.docker.distribution.manifest.list.v2+json")
    static let dockerManifest = Self(rawValue: "application/vnd.docker.distribution.manifest.v2+json")
    static let dockerLayer = Self(rawValue: "application/vnd.docker.image.rootfs.diff.tar.gzip")

    /// Whether it lists the manifests of several images.
    public var isIndex: Bool { self == .imageIndex || self == .dockerManifestList }
    /// Whether it describes one image.
    public var isManifest: Bool { self == .imageManifest || self == .dockerManifest }
    /// Whether it is a layer that can be unpacked here: a tar, plain or in gzip.
    public var isReadableLayer: Bool { self == .layerTar || isGzipLayer }
    /// Whether it is a layer compressed with gzip.
    public var isGzipLayer: Bool { self == .layerTarGzip || self == .dockerLayer }
}
