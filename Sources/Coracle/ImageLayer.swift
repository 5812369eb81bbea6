import OCI

/// One layer of an image.
public struct ImageLayer: Hashable, Sendable {
    /// The digest of the stored, compressed layer.
    public let digest: String
    /// The digest of the layer's tar; empty if the configuration does not list it.
    public let diffID: String
    /// Size of the stored layer, in bytes.
    public let size: Int64
    /// Such as `application/vnd.oci.image.layer.v1.tar+gzip`.
    public let mediaType: String

    /// The layers of an image, the lowest first.
    static func all(_ manifest: Manifest, _ config: ImageConfig) -> [ImageLayer] {
        manifest.layers.enumerated().map { index, layer in
            ImageLayer(
                digest: layer.digest.description,
                diffID: index < config.diffIDs.count ? config.diffIDs[index].description : "",
                size: layer.size,
                mediaType: layer.mediaType.rawValue
            )
        }
    }
}
