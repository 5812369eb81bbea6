import Bases
import Diagnostics
import Images
import OCI
import Plan
import Store

/// The images of a plan once more, with a shell: beside `TAG`, `TAG-debug`.
package struct DebugTwin: Sendable {
    static let suffix = "-debug"

    /// By platform.
    private let layers: [Platform: DebugLayer]
    let names: [Reference]

    /// Fetches what the shell's layer is made from, if it is not in the cache.
    ///
    /// - Throws: `plan.twin-without-name`; what the catalogue throws.
    init(of plan: BuildPlan, _ access: ImageAccess) async throws(Diagnostic) {
        guard !plan.names.isEmpty else {
            throw Diagnostic(
                .planTwinWithoutName,
                "a debug twin needs an image with a name",
                at: .option("--debug-twin"),
                because: "its name is the image's, with `\(Self.suffix)` after the tag",
                hint: "give the image a name, such as `-t localhost/server:1.0`"
            )
        }
        var names = [Reference]()
        for name in plan.names { names.append(try Self.name(beside: name)) }
        var layers: [Platform: DebugLayer] = [:]
        for image in plan.images where layers[image.platform] == nil {
            layers[image.platform] = try await Catalogue.debugLayer(for: image.platform, access)
        }
        self.names = names
        self.layers = layers
    }

    private static func name(beside name: Reference) throws(Diagnostic) -> Reference {
        let tag = name.tag ?? "latest"
        let ending = ":" + tag
        let repository = name.text.hasSuffix(ending) ? String(name.text.dropLast(ending.count)) : name.text
        return try Reference(parsing: "\(repository):\(tag)\(suffix)")
    }

    /// The twins of `images`, which stand in the same order as theirs, and the blobs that they need besides.
    func assemble(
        _ images: [AssembledImages.Image],
        _ plan: BuildPlan
    ) throws(Diagnostic) -> (companion: ImageSet.Companion, blobs: [(Descriptor, ImageSet.Blob)]) {
        var blobs: [(Descriptor, ImageSet.Blob)] = []
        var twins = [ImageDocuments.Image]()
        for image in images {
            guard let shell = layers[image.platform] else { preconditionFailure("a platform without a debug layer") }
            let (manifest, original) = (image.manifest.content, image.manifest.descriptor.digest.description)
            let twin = try ImageDocuments.Image(
                image.platform,
                config: Self.config(image.config.content, with: shell, plan.created),
                layers: manifest.layers + [shell.layer.descriptor],
                annotations: manifest.annotations.merging([AnnotationKey.debugOf: original]) { $1 }
            ).written(as: plan.format)
            blobs.append((shell.layer.descriptor, .remote(ImageSet.RemoteBlob(shell.blob))))
            twins.append(twin)
        }
        let documents = ImageDocuments(twins, annotations: plan.annotations).written(as: plan.format)
        blobs += documents.encoded.map { ($0.descriptor, .bytes($0.bytes)) }
        let listings = documents.mostCommonFirst.map { ImageSet.Listing($0) }
        return (ImageSet.Companion(top: documents.top, names: names, listings: listings), blobs)
    }

    private static func config(_ original: ImageConfig, with shell: DebugLayer, _ created: Timestamp) -> ImageConfig {
        var config = original
        config.diffIDs.append(shell.layer.diffID)
        config.history.append(
            ImageConfig.History(
                created: created.description,
                createdBy: "coracle: \(shell.package), a shell for debugging in \(DebugLayer.searchPath)"
            )
        )
        config.config.entrypoint = [DebugLayer.shell]
        config.config.cmd = nil
        config.config.env = config.config.env.map { variable in
            variable.hasPrefix("PATH=") ? "\(variable):\(DebugLayer.searchPath)" : variable
        }
        return config
    }
}

extension Diagnostic.Code {
    static let planTwinWithoutName = Self("plan.twin-without-name", .usage)
}
