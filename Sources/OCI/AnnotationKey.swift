/// The annotations that coracle reads or writes by itself.
///
/// image-spec, annotations.md § Pre-Defined Annotation Keys.
package enum AnnotationKey {
    /// A layout's name for an image: the tag.
    package static let refName = "org.opencontainers.image.ref.name"
    /// The full reference, which containerd and Docker take for the image's name.
    package static let containerdImageName = "io.containerd.image.name"
    /// The full reference of the image that another one is built upon.
    package static let baseName = "org.opencontainers.image.base.name"
    /// The digest of that image's manifest.
    package static let baseDigest = "org.opencontainers.image.base.digest"
    /// The digest of the image's manifest that a debug twin stands beside.
    package static let debugOf = "dev.coracle.debug.of"
    /// Who gives the image out.
    package static let vendor = "org.opencontainers.image.vendor"
    /// How a layer was compressed.
    package static let compression = "dev.coracle.layer.compression"
    /// What annotations begin with that say where the table of contents of zstd:chunked is, in its new form and its old one,
    /// and of eStargz.
    private static let indexes = [
        "io.github.containers.zstd-chunked.", "io.containers.zstd-chunked.", "containerd.io/snapshot/stargz/",
        "io.containers.estargz.",
    ]

    /// Whether the annotation of a layer is about its bytes as they are compressed, and not about its tar.
    package static func isOfCompression(_ key: String) -> Bool {
        key == compression || indexes.contains { key.hasPrefix($0) }
    }

    /// What made the layer that a record of a cache is about, as an image's history says it.
    package static let cachedLayer = "dev.coracle.cache.layer"
    /// Which findings of the gate were excused: a code and a path each, with `; ` between them.
    package static let gateExcused = "dev.coracle.gate.excused"
    /// `true` for an image that was not checked.
    package static let gateSkipped = "dev.coracle.gate.skipped"
}
