package import Diagnostics
package import Images
package import OCI
package import Stack
import Store

/// The image of one platform on its new base.
package struct RebasedImage: Sendable {
    /// The image as it was.
    package let original: PlatformImage
    package let oldBase: OldBase
    package let base: Base
    package let config: Document<ImageConfig>
    package private(set) var manifest: Document<Manifest>
    /// What the check said of it, which its annotations record.
    private let unannotated: Manifest

    /// The image's own layers, as they were.
    package var ownLayers: [Descriptor] { Array(original.manifest.content.layers.dropFirst(oldBase.layerCount)) }
    /// For each of them what the history says, where it adds up.
    package let ownSteps: [String]

    /// Whether it stands on this base already: then nothing of it changes.
    package var isUnchanged: Bool { manifest.descriptor.digest == original.digest }

    /// - Parameter created: the time that the image gets; `nil` for its own.
    /// - Throws: `rebase.disagrees`; `json.…`.
    package init(
        _ original: PlatformImage,
        called name: String,
        off oldBase: OldBase,
        onto base: Base,
        created: Timestamp? = nil
    ) throws(Diagnostic) {
        self.original = original
        self.oldBase = oldBase
        self.base = base
        let (manifest, config) = (original.manifest.content, original.config.content)
        guard config.diffIDs.count == manifest.layers.count else {
            throw Diagnostic(
                .rebaseDisagrees,
                "the parts of `\(name)` disagree",
                at: .image(name),
                because: "the config has \(config.diffIDs.count) diffIDs, the manifest \(manifest.layers.count) layers",
                hint: "the image has to be built again"
            )
        }
        let count = oldBase.layerCount
        let own = RebasedHistory.own(of: config, above: oldBase, layers: manifest.layers.count)
        ownSteps = own.filter { !$0.isEmptyLayer }.map { $0.createdBy ?? "" }
        if Self.isOn(base, original, oldBase) {
            (self.config, self.manifest, unannotated) = (original.config, original.manifest, manifest)
            return
        }
        var merged = try ConfigurationMerge(
            old: oldBase.config,
            image: config.withReadableTimes,
            new: base.config
        ).merged()
        merged.created = created?.description ?? merged.created
        merged.diffIDs = base.config.diffIDs + config.diffIDs.dropFirst(count)
        merged.history = base.history + own
        merged.config.labels = Self.labels(merged.config.labels, on: base)
        self.config = Document(encoding: merged, as: .imageConfig)
        var made = manifest
        // What is pushed is OCI's: Docker's types are read, never written.
        made.mediaType = .imageManifest
        made.config.mediaType = .imageConfig
        made.config.digest = self.config.descriptor.digest
        made.config.size = self.config.descriptor.size
        made.layers = base.layers + manifest.layers.dropFirst(count).map(\.asOCILayer)
        made.annotations[AnnotationKey.baseName] = base.reference
        made.annotations[AnnotationKey.baseDigest] = base.manifest.digest.description
        made.annotations[AnnotationKey.gateExcused] = nil
        made.annotations[AnnotationKey.gateSkipped] = nil
        unannotated = made
        self.manifest = Document(encoding: made, as: .imageManifest)
    }

    private static func isOn(_ base: Base, _ image: PlatformImage, _ oldBase: OldBase) -> Bool {
        if let found = oldBase.origin.base { return found.digest == base.manifest.digest }
        return oldBase.origin.digest == base.manifest.digest
            && image.config.content.diffIDs.prefix(oldBase.layerCount).elementsEqual(base.config.diffIDs)
    }

    /// Records in the manifest what the check found.
    mutating func annotate(_ annotations: [String: String]) {
        guard !isUnchanged, !annotations.isEmpty else { return }
        var content = unannotated
        content.annotations.merge(annotations) { $1 }
        manifest = Document(encoding: content, as: .imageManifest)
    }

    /// The labels with the new base's names, where they name the base at all.
    private static func labels(_ labels: [String: String], on base: Base) -> [String: String] {
        var labels = labels
        if labels[AnnotationKey.baseName] != nil { labels[AnnotationKey.baseName] = base.reference }
        if labels[AnnotationKey.baseDigest] != nil {
            labels[AnnotationKey.baseDigest] = base.manifest.digest.description
        }
        // The record of Cloud Native Buildpacks names the border of the layers, by which `pack` would cut.
        let key = "io.buildpacks.lifecycle.metadata"
        if let text = labels[key], let json = try? JSON(parsing: Array(text.utf8), named: key),
            var record = json.objectValue, var image = record["runImage"]?.objectValue
        {
            image["topLayer"] = base.config.diffIDs.last.map { .string($0.description) }
            image["reference"] = base.reference.map { .string(Self.reference($0, base.manifest.digest)) }
            record["runImage"] = .object(image)
            labels[key] = String(decoding: JSON.object(record).encoded(), as: UTF8.self)
        }
        return labels
    }

    private static func reference(_ name: String, _ digest: Digest) -> String {
        guard let reference = try? Reference(parsing: name) else { return name }
        return "\(reference.registry)/\(reference.repository)@\(digest)"
    }

    /// The image's entry in its index: all that it said of the old image, and that is true of the new one.
    var entry: Descriptor {
        var entry = original.entry
        guard !isUnchanged else { return entry }
        entry.mediaType = .imageManifest
        entry.digest = manifest.descriptor.digest
        entry.size = manifest.descriptor.size
        if entry.annotations?[AnnotationKey.baseName] != nil {
            entry.annotations?[AnnotationKey.baseName] = base.reference
        }
        if entry.annotations?[AnnotationKey.baseDigest] != nil {
            entry.annotations?[AnnotationKey.baseDigest] = base.manifest.digest.description
        }
        return entry
    }
}

/// The history of an image above its base.
enum RebasedHistory {
    /// An entry for each of the image's own layers at least: a history that does not add up is not a history of these layers.
    static func own(of config: ImageConfig, above base: OldBase, layers: Int) -> [ImageConfig.History] {
        let count = base.layerCount
        let written = config.history.count { !$0.isEmptyLayer }
        guard written == layers else {
            return (count..<layers).map { _ in ImageConfig.History(created: nil, createdBy: "a layer of the image") }
        }
        // The base's own entries, the ones without a layer included.
        if let old = base.config?.history, old.count(where: { !$0.isEmptyLayer }) == count,
            config.history.count >= old.count,
            zip(config.history, old).allSatisfy({ $0.isEmptyLayer == $1.isEmptyLayer && $0.createdBy == $1.createdBy })
        {
            return Array(config.history.dropFirst(old.count))
        }
        var left = count
        return Array(
            config.history.drop { entry in
                if left == 0 { return false }
                if !entry.isEmptyLayer { left -= 1 }
                return true
            }
        )
    }
}

extension Descriptor {
    /// The same with Docker's layer types in OCI's words, for the same bytes.
    fileprivate var asOCILayer: Descriptor {
        var layer = self
        layer.mediaType = mediaType.asOCILayer
        return layer
    }
}

extension Diagnostic.Code {
    static let rebaseDisagrees = Self("rebase.disagrees", .verification)
}
