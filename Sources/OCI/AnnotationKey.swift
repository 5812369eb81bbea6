/// The annotations that coracle reads or writes by itself.
///
/// image-spec, annotations.md § Pre-Defined Annotation Keys.
package enum AnnotationKey {
    /// A layout's name for an image: the tag.
    package static let refName = "org.opencontainers.image.ref.name"
    /// The full reference, which containerd and Docker take for the image's name.
    package static let containerdImageName = "io.containerd.image.name"
    /// How a layer was compressed.
    package static let compression = "dev.coracle.layer.compression"
}
