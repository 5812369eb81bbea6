package import Diagnostics
package import OCI
package import Store

/// One image that others are built upon, for one platform.
package struct Base: Sendable {
    /// As the user named it.
    package let name: String
    /// The full reference, for the image's annotations; `nil` if it has none.
    package let reference: String?
    /// Descriptor of the platform's own manifest.
    package let manifest: Descriptor
    package let platform: Platform
    /// As our manifest names them: the types are OCI's, everything else is the base's.
    package let layers: [Descriptor]
    package let config: ImageConfig

    /// What is odd about it and stops no engine.
    package let oddities: [Diagnostic]

    /// Brings the layers.
    package let provider: any ImageProvider

    /// Size of all layers as they are stored, in bytes.
    package var size: Int64 { layers.totalSize }

    /// The history, with an entry for every layer.
    ///
    /// A base without one, or with one that does not add up, gets a word for each layer: entries for our layers would be
    /// taken for the base's.
    package var history: [ImageConfig.History] {
        guard config.history.count(where: { !$0.isEmptyLayer }) != layers.count else { return config.history }
        return layers.map { _ in ImageConfig.History(created: nil, createdBy: "a layer of the base image") }
    }
}

extension MediaType {
    /// Whether it is a manifest as Docker wrote it before 2016.
    var isSchema1: Bool { essence.rawValue.hasPrefix("application/vnd.docker.distribution.manifest.v1+") }
}
