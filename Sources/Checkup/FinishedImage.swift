import Check
package import Diagnostics
package import Findings
import Gate
package import Images
import Layers
package import OCI
import Stack
package import Store

/// An image of a layout, an archive or a registry, brought here to be looked at from the inside.
package struct FinishedImage: Sendable {
    package let gated: GatedImage<UnpackedRoot>
    package let manifest: Document<Manifest>
    package let config: ImageConfig
    /// Times of the config that no engine can read, and that `config` does not have.
    private let unreadableTimes: [String]
    /// As the user named it.
    package let name: String

    /// An image that is known of and not yet read.
    package struct Candidate: Sendable {
        let candidate: BaseManifests.Candidate
        let provider: any ImageProvider
        let access: ImageAccess
        /// The digest of what the name stands for: of an index, if the image is in one.
        let top: Digest

        package var platform: Platform { candidate.platform }

        /// Reads it, and writes its files into the directory for temporary files.
        ///
        /// - Throws: what reading it throws.
        package func open() async throws(Diagnostic) -> FinishedImage {
            try await FinishedImage(candidate, provider, access)
        }
    }

    /// The images at `location` for `platforms`, all of them where that is empty.
    ///
    /// - Throws: `base.platform-missing`; what opening it throws.
    package static func candidates(
        at location: ImageLocation,
        for platforms: [Platform] = [],
        _ access: ImageAccess
    ) async throws(Diagnostic) -> [Candidate] {
        let provider = try access.provider(for: location, on: platforms.isEmpty ? nil : platforms)
        return try await candidates(of: provider, for: platforms, access)
    }

    /// The same of images that `provider` has.
    ///
    /// - Throws: `base.platform-missing`; what the provider throws.
    package static func candidates(
        of provider: any ImageProvider,
        for platforms: [Platform] = [],
        _ access: ImageAccess
    ) async throws(Diagnostic) -> [Candidate] {
        let choice = try await BaseManifests(provider)
        var candidates = choice.candidates
        if !platforms.isEmpty {
            candidates = []
            for platform in platforms { candidates.append(try choice.candidate(for: platform)) }
        }
        let top = try await provider.top().digest
        return candidates.map { Candidate(candidate: $0, provider: provider, access: access, top: top) }
    }

    private init(
        _ candidate: BaseManifests.Candidate,
        _ provider: any ImageProvider,
        _ access: ImageAccess
    ) async throws(Diagnostic) {
        name = provider.name
        let image = try await BaseImage(candidate.manifest, of: provider)
        let bytes = try await provider.document(candidate.manifest)
        manifest = try Document<Manifest>(decoding: bytes, of: candidate.manifest)
        config = image.config
        unreadableTimes = image.unreadableTimes
        var layers = [UnpackedLayer]()
        var filesystem = RootFilesystem(try access.settings.tableLimits, keepsDiscarded: true)
        for layer in manifest.content.layers {
            layers.append(
                try UnpackedLayer(
                    layer,
                    in: try await provider.blob(layer),
                    drafts: access.settings.temporaryDirectory,
                    applyingTo: &filesystem
                )
            )
        }
        filesystem.settle()
        let origins = LayerOrigins(manifest.content, config)
        let root = UnpackedRoot(filesystem, layers) { path, layer in origins.origin(of: path, layer: layer) }
        gated = GatedImage(
            root: root,
            platform: config.platform,
            execution: config.config,
            base: manifest.content.annotations[AnnotationKey.baseName]
        )
    }
}

extension FinishedImage {
    /// What keeps engines from reading the image's configuration.
    ///
    /// image-spec, config.md § Properties: `created` is a time as RFC 3339 has it.
    var configFindings: [Finding] {
        guard let time = unreadableTimes.first else { return [] }
        return [
            Finding(
                .configTime,
                "the image's config has the time `\(time.excerpt)`, and no engine reads it",
                because: "a time is like `2026-11-30T12:00:00Z` (RFC 3339); engines refuse the config as a whole",
                hint: "build the image again; as a base it can be used, because coracle leaves such times out"
            )
        ]
    }
}
