import ByteIO
import Diagnostics
import OCI
import Stack
import Store

/// An image that was made before, and what is said of its layers. Nothing of that is trusted: see `LayerProof`.
package struct PreviousImage: Sendable {
    struct Layer: Sendable {
        let blob: Descriptor
        let diffID: DiffID
        /// What made it, by the history.
        let createdBy: String
        /// What compressed it, by the manifest.
        let compression: String?
    }

    /// Maximum number of images that are read of an index.
    private static let mostImages = 32

    /// As the user named it.
    let name: String
    let platform: Platform
    /// The lowest first.
    let layers: [Layer]
    let provider: any ImageProvider

    /// The images that `provider` has for `platforms`; for all platforms if there are none.
    ///
    /// - Throws: what keeps one of them from being read.
    static func read(
        _ provider: any ImageProvider,
        for platforms: [Platform]
    ) async throws(Diagnostic) -> [PreviousImage] {
        let candidates = try await BaseManifests(provider).candidates.filter { candidate in
            platforms.isEmpty || platforms.contains { $0.matches(candidate.platform) }
        }
        return try await concurrently(Array(candidates.prefix(mostImages)), atMost: 4) { candidate throws(Diagnostic) in
            try await PreviousImage(candidate, of: provider)
        }
    }

    private init(_ candidate: BaseManifests.Candidate, of provider: any ImageProvider) async throws(Diagnostic) {
        let image = try await BaseImage(candidate.manifest, of: provider)
        try image.check(candidate, provider.name)
        name = provider.name
        platform = image.platform
        self.provider = provider
        let steps = image.config.history.filter { !$0.isEmptyLayer }.map { $0.createdBy ?? "" }
        layers = image.manifest.layers.indices.map { index in
            let blob = image.manifest.layers[index]
            return Layer(
                blob: blob,
                diffID: image.config.diffIDs[index],
                createdBy: index < steps.count ? steps[index] : "",
                compression: blob.annotations?[AnnotationKey.compression]
            )
        }
    }
}
