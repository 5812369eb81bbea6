/// The annotations that coracle writes by itself.
package enum AnnotationKey {
    /// A layout's name for an image: the tag (image-spec, annotations.md).
    package static let refName = "org.opencontainers.image.ref.name"
    /// The full reference, which containerd and Docker take for the image's name.
    package static let containerdImageName = "io.containerd.image.name"
    /// How a layer was compressed.
    package static let compression = "dev.coracle.layer.compression"
}
