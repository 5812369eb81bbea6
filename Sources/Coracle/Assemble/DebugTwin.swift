import Bases
import Diagnostics
import OCI
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
                "a debug twin needs a name to stand beside",
                at: .option("--debug-twin"),
                because: "it is called like the image, with `\(Self.suffix)` behind the tag",
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
    ) -> (companion: ImageSet.Companion, blobs: [(Descriptor, ImageSet.Blob)]) {
        var blobs: [(Descriptor, ImageSet.Blob)] = []
        var entries = [Descriptor]()
        var listings = [ImageSet.Listing]()
        for image in images {
            guard let shell = layers[image.platform] else { preconditionFailure("a platform without a debug layer") }
            let config = Document(
                encoding: Self.config(image.config.content, with: shell, plan.created),
                as: .imageConfig
            )
            var content = image.manifest.content
            content.config = config.descriptor
            content.layers.append(shell.layer.descriptor)
            content.annotations[AnnotationKey.debugOf] = image.manifest.descriptor.digest.description
            let manifest = Document(encoding: content, as: .imageManifest)
            blobs.append((shell.layer.descriptor, .foreign(ImageSet.ForeignBlob(shell.blob))))
            blobs.append((config.descriptor, .bytes(config.bytes)))
            blobs.append((manifest.descriptor, .bytes(manifest.bytes)))
            var entry = manifest.descriptor
            entry.platform = image.platform
            entries.append(entry)
            listings.append(ImageSet.Listing(config: config.descriptor, layers: content.layers))
        }
        var top = entries[0]
        if entries.count > 1 {
            let index = Document(
                encoding: Index(manifests: entries, annotations: plan.annotations),
                as: .imageIndex
            )
            blobs.append((index.descriptor, .bytes(index.bytes)))
            top = index.descriptor
        }
        // The one that most machines can run first, as for the images themselves.
        let usual = zip(images, listings).filter { $0.0.platform.architecture == "amd64" }
        let others = zip(images, listings).filter { $0.0.platform.architecture != "amd64" }
        return (ImageSet.Companion(top: top, names: names, listings: (usual + others).map(\.1)), blobs)
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
