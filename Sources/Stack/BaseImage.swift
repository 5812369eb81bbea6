package import Diagnostics
package import OCI
package import Store

/// A base's manifest and config, read and found to agree.
package struct BaseImage {
    package let manifest: Manifest
    package let config: ImageConfig
    /// What the config says; more counts than an index's word.
    package var platform: Platform { config.platform }

    /// Times of the config that no engine can read, and that `config` does not have.
    package let unreadableTimes: [String]
    /// What is odd about them, and stops no engine.
    package let oddities: [Diagnostic]

    /// - Throws: `base.unsupported`, `base.foreign-layer`, `base.disagrees`; `json.…`, and what the provider throws.
    package init(_ entry: Descriptor, of provider: any ImageProvider) async throws(Diagnostic) {
        let name = provider.name
        manifest = try Document<Manifest>(decoding: try await provider.document(entry), of: entry).content
        guard manifest.isImage else {
            let type = manifest.artifactType ?? manifest.config.mediaType
            throw .baseUnsupported(
                name,
                because: "it is an artifact: its config's media type is `\(type.rawValue)`, not an image's",
                hint: "name an image"
            )
        }
        for (index, layer) in manifest.layers.enumerated() where layer.urls != nil || layer.mediaType.isForeignLayer {
            throw Diagnostic(
                .baseForeignLayer,
                "`\(name)` has a layer that is not distributed with it",
                at: .image(name),
                because:
                    "layer \(index + 1) of \(manifest.layers.count), `\(layer.mediaType.rawValue)`, is kept by its maker"
                    + (layer.urls?.first.map { ", at `\($0.excerpt)`" } ?? "")
                    + "; to build on it or to check it, coracle has to read its files",
                hint: "choose a base whose layers may be distributed; `coracle copy` copies this one as it is"
            )
        }
        let bytes = try await provider.document(manifest.config)
        let config = try Document<ImageConfig>(decoding: bytes, of: manifest.config).content
        let count = manifest.layers.count
        guard config.diffIDs.count == count else {
            throw .baseDisagrees(name, "the config has \(config.diffIDs.count) diffIDs, the manifest \(count) layers")
        }
        oddities = Self.oddities(of: config, layers: count, name)
        unreadableTimes = config.unreadableTimes
        self.config = config.withReadableTimes
    }

    private static func oddities(of config: ImageConfig, layers: Int, _ name: String) -> [Diagnostic] {
        var reasons = [String]()
        let steps = config.history.count { !$0.isEmptyLayer }
        if !config.history.isEmpty, steps != layers {
            reasons.append("the history has \(steps) steps with a layer, the manifest \(layers) layers")
        }
        let odd = config.config.oddVariables.prefix(5).map { "`\($0.excerpt)`" }
        if !odd.isEmpty {
            reasons.append("environment variables are set twice or are not NAME=VALUE: \(odd.joined(separator: ", "))")
        }
        if let time = config.unreadableTimes.first {
            reasons.append("it has the time `\(time.excerpt)`, which no engine can read, and which is left out")
        }
        return reasons.map { reason in
            Diagnostic(.baseOdd, "the config of `\(name)` is odd", at: .image(name), because: reason)
        }
    }

    /// Refuses an image that an index says is for another platform.
    package func check(_ candidate: BaseManifests.Candidate, _ name: String) throws(Diagnostic) {
        let (said, own) = (candidate.platform, config.platform)
        guard said.os == own.os, said.architecture == own.architecture, own.variant == nil || said.matches(own) else {
            throw .baseDisagrees(name, "its index says \(said), its config \(own)")
        }
    }
}

extension Diagnostic {
    static func baseDisagrees(_ name: String, _ reason: String) -> Diagnostic {
        Diagnostic(
            .baseDisagrees,
            "the parts of `\(name)` disagree",
            at: .image(name),
            because: reason,
            hint: "the image has to be built again"
        )
    }
}

extension Diagnostic.Code {
    static let baseForeignLayer = Self("base.foreign-layer", .verification)
    static let baseOdd = Self("base.odd", .verification)
    static let baseDisagrees = Self("base.disagrees", .verification)
}
