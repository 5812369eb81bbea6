import ByteIO
package import Diagnostics
import OCI

/// What `docker save`, `podman save` and skopeo's `docker-archive:` write, presented as the content of an image layout.
///
/// Such an archive has no manifests in the OCI's sense: they are made from its `manifest.json`, and name the layers as they
/// are in the archive. For that every layer is read once, and compared with its diffID in the config.
struct DockerArchive: Sendable {
    /// One entry a name, or one for an image without names.
    let index: Index
    private let table: ArchiveTable
    private var places: [Digest: Place] = [:]

    private enum Place: Sendable {
        case entry(String)
        case made([UInt8])
    }

    private static let largestManifest = 4 << 20
    private static let mostImages = 1000

    /// - Throws: `archive.malformed`, `image.disagrees`; `json.…`, `gzip.…`, `zstd.…` of what is in it.
    init(_ table: ArchiveTable) throws(Diagnostic) {
        self.table = table
        var layers: [String: ArchivedLayer] = [:]
        var entries = [Descriptor]()
        for image in try Self.listing(in: table) {
            let configName = try table.resolve(image.config)
            let configBytes = try table.read(configName, limit: Document<ImageConfig>.largest)
            let config = try Document<ImageConfig>(decoding: configBytes, as: .imageConfig, named: image.config)
            places[config.descriptor.digest] = .entry(configName)

            var found = [ArchivedLayer]()
            for name in image.layers {
                let name = try table.resolve(name)
                // Layers that images share are there once.
                let layer: ArchivedLayer
                if let known = layers[name] {
                    layer = known
                } else {
                    layer = try ArchivedLayer(reading: try table.extent(of: name))
                    layers[name] = layer
                }
                places[layer.descriptor.digest] = .entry(name)
                found.append(layer)
            }
            try Self.check(found, against: config.content, of: image, in: table)

            let manifest = Document(
                encoding: Manifest(config: config.descriptor, layers: found.map(\.descriptor)),
                as: .imageManifest
            )
            places[manifest.descriptor.digest] = .made(manifest.bytes)
            entries += image.names.isEmpty ? [manifest.descriptor] : image.names.map { manifest.descriptor.named($0) }
        }
        index = Index(manifests: entries)
    }

    /// `nil` if the archive has no such blob.
    func extent(of digest: Digest) throws(Diagnostic) -> FileExtent? {
        switch places[digest] {
        case nil: return nil
        case .entry(let name)?: return try table.extent(of: name)
        case .made(let bytes)?:
            do throws(SystemError) {
                return try FileExtent(path: table.path, made: bytes)
            } catch {
                throw error.diagnostic("read the archive", table.path.display)
            }
        }
    }

    // MARK: Its list

    /// One image as `manifest.json` lists it.
    private struct Image {
        let config: String
        let names: [String]
        let layers: [String]
    }

    private static func listing(in table: ArchiveTable) throws(Diagnostic) -> [Image] {
        let name = "manifest.json"
        guard !table.isAmbiguous(name) else { throw table.malformed("it has two of `\(name)`") }
        let bytes = try table.read(try table.resolve(name), limit: largestManifest)
        let list = try JSONReader(try JSON(parsing: bytes, named: name), named: name).array()
        guard !list.isEmpty else { throw table.malformed("its `\(name)` lists no image") }
        guard list.count <= mostImages else {
            throw table.malformed("its `\(name)` lists \(list.count) images; at most \(mostImages) are read")
        }
        var images = [Image]()
        for image in list {
            images.append(
                Image(
                    config: try image.member("Config").string(),
                    names: try image.optional("RepoTags")?.strings() ?? [],
                    layers: try image.optional("Layers")?.strings() ?? []
                )
            )
        }
        return images
    }

    private static func check(
        _ layers: [ArchivedLayer],
        against config: ImageConfig,
        of image: Image,
        in table: ArchiveTable
    ) throws(Diagnostic) {
        var reason: String?
        if layers.count != config.diffIDs.count {
            reason = "the config has \(config.diffIDs.count) diffIDs, `manifest.json` \(layers.count) layers"
        } else if let place = zip(layers, config.diffIDs).enumerated().first(where: { $1.0.diffID != $1.1 }) {
            reason =
                "layer \(place.offset + 1): the config says diffID \(place.element.1), the tar has \(place.element.0.diffID)"
        }
        guard let reason else { return }
        throw Diagnostic(
            .imageDisagrees,
            "the image's parts disagree",
            at: .image(image.names.first ?? table.path.display),
            because: reason,
            hint: "save the image again"
        )
    }
}

extension Descriptor {
    /// The entry of an `index.json` for an image that Docker calls `name`.
    fileprivate func named(_ name: String) -> Descriptor {
        var entry = self
        // A text that is not a reference, such as `<none>:<none>`, is a name all the same.
        let reference = try? Reference(parsing: name)
        entry.annotations = [AnnotationKey.refName: reference?.tag ?? name]
        if let reference { entry.annotations?[AnnotationKey.containerdImageName] = reference.normalized }
        return entry
    }
}

extension Diagnostic.Code {
    package static let imageDisagrees = Self("image.disagrees", .verification)
}
