import Diagnostics
package import OCI

/// What an image says about the image that it is built upon. Anyone can write these words: whether they are true, only the
/// layers show.
package struct BaseClaim: Hashable, Sendable {
    /// Where it says so.
    package enum Source: String, Hashable, Sendable {
        /// Annotations of the platform's manifest, of its entry in the index, or of the index.
        case annotation
        /// Labels of the config.
        case label
        /// The record that Cloud Native Buildpacks keep in a label.
        case buildpacks
        /// Annotations that coracle gives its own layers: what is below them is the base.
        case layers
    }

    package let source: Source
    /// The base as it is written, usually a reference; `nil` if only a digest is said.
    package let name: String?
    /// The digest of the base's index, or of its manifest for the platform: programs differ.
    package let digest: Digest?
    /// How many of the image's layers are the base's; `nil` if that is not said.
    package let layerCount: Int?
    /// Why a part of it cannot be used, as a clause; `nil` if all of it can.
    package let flaw: String?

    /// Takes the values as they are.
    package init(
        _ source: Source,
        name: String? = nil,
        digest: Digest? = nil,
        layerCount: Int? = nil,
        flaw: String? = nil
    ) {
        self.source = source
        self.name = name
        self.digest = digest
        self.layerCount = layerCount
        self.flaw = flaw
    }

    /// The name as a reference; `nil` if it is not one.
    package var reference: Reference? {
        guard let name else { return nil }
        return try? Reference(parsing: name.hasPrefix("docker://") ? String(name.dropFirst("docker://".count)) : name)
    }

    /// Whether the base that it names is the one whose index or manifest is `top`, and whose images are `children`.
    ///
    /// Some programs annotate each platform's manifest with the name of the index and the digest of the platform's image,
    /// others with the index's digest: both name the same base.
    package func names(_ top: Digest, _ children: [Digest] = []) -> Bool {
        guard let digest else { return false }
        return digest == top || children.contains(digest)
    }
}

extension BaseClaim {
    /// What `image` says, the most specific first; none twice. Every one names the base or the border of its layers.
    package static func claims(of image: PlatformImage) -> [BaseClaim] {
        let (manifest, config) = (image.manifest.content, image.config.content)
        let annotated = [manifest.annotations, image.entry.annotations ?? [:], image.index?.content.annotations ?? [:]]
        let said =
            annotated.map { pair($0, .annotation) } + [
                pair(config.config.labels, .label), buildpacks(config), layers(manifest),
            ]
        var claims = [BaseClaim]()
        for claim in said.compactMap(\.self) where !claims.contains(claim) { claims.append(claim) }
        return claims
    }

    /// annotations.md § Pre-Defined Annotation Keys; buildah has the same keys as labels.
    private static func pair(_ values: [String: String], _ source: Source) -> BaseClaim? {
        let name = values[AnnotationKey.baseName].flatMap { $0.isEmpty ? nil : $0 }
        let text = values[AnnotationKey.baseDigest].flatMap { $0.isEmpty ? nil : $0 }
        guard name != nil || text != nil else { return nil }
        let digest = text.flatMap { try? Digest(parsing: $0) }
        let flaw = digest == nil ? text.map { "its base's digest `\($0.excerpt)` is not a digest" } : nil
        return BaseClaim(source, name: name, digest: digest, flaw: flaw)
    }

    /// The platform specification of Cloud Native Buildpacks § `io.buildpacks.lifecycle.metadata`: the run image, and the
    /// diffID of its uppermost layer.
    private static func buildpacks(_ config: ImageConfig) -> BaseClaim? {
        guard let text = config.config.labels["io.buildpacks.lifecycle.metadata"],
            let json = try? JSON(parsing: Array(text.utf8), named: "io.buildpacks.lifecycle.metadata")
        else { return nil }
        let written = json["runImage"]?["reference"]?.stringValue
        let digest = written.flatMap { (try? Reference(parsing: $0))?.digest }
        let name =
            json["runImage"]?["image"]?.stringValue ?? json["stack"]?["runImage"]?["image"]?.stringValue
            ?? (digest == nil ? nil : written)
        let border = json["runImage"]?["topLayer"]?.stringValue
        let place = border.flatMap { border in config.diffIDs.firstIndex { $0.description == border } }
        guard name != nil || digest != nil || place != nil else { return nil }
        let flaw =
            place == nil ? border.map { "its base's uppermost layer `\($0.excerpt)` is not among its layers" } : nil
        return BaseClaim(.buildpacks, name: name, digest: digest, layerCount: place.map { $0 + 1 }, flaw: flaw)
    }

    /// The lowest layers without coracle's mark, below those that have it. Bases that coracle assembles have no marks.
    private static func layers(_ manifest: Manifest) -> BaseClaim? {
        let isOwn = manifest.layers.map { $0.annotations?[AnnotationKey.compression] != nil }
        guard let first = isOwn.firstIndex(of: true) else { return nil }
        return BaseClaim(.layers, layerCount: first)
    }
}
