import ByteIO
package import Diagnostics
package import Layers
import OCI
package import Store

/// Whether the images of a layout are what they say they are: every digest, size, diffID, count and platform is computed
/// again from the bytes, and the layers can be applied one upon the other.
///
/// What is named twice in the same way is read once.
package struct ImageValidator {
    /// A blob as a descriptor names it: the same digest with another size or media type is checked by itself.
    private struct Named: Hashable {
        let digest: Digest
        let size: Int64
        let mediaType: MediaType

        init(_ blob: Descriptor) {
            digest = blob.digest
            size = blob.size
            mediaType = blob.mediaType
        }
    }

    private enum Layer {
        case scanned(ScannedLayer)
        /// It could not be read, which was reported.
        case unreadable
        /// Its maker has it.
        case elsewhere
    }

    private let source: ImageSource
    private let limits: TableLimits
    /// What is wrong, in the order it was found.
    package private(set) var findings: [Diagnostic] = []
    package private(set) var imageCount = 0
    package private(set) var blobCount = 0
    /// Size of the blobs that were read, in bytes.
    package private(set) var blobSize: Int64 = 0
    /// Number of layers that are not distributed with their images, and were not read.
    package private(set) var elsewhereCount = 0

    private var counted = Set<Digest>()
    private var visited = Set<Named>()
    /// What the configs of the manifests that were read say; `nil` if there is none.
    private var platforms: [Named: Platform?] = [:]
    private var layers: [Named: Layer] = [:]

    private static let mostFindings = 1000

    /// Reads everything that `source` has.
    ///
    /// - Throws: what keeps even the list of images from being read.
    package init(_ source: ImageSource, _ limits: TableLimits = TableLimits()) throws(Diagnostic) {
        self.source = source
        self.limits = limits
        let index = try source.index()
        collect { validator throws(Diagnostic) in try validator.source.checkDirectories() }
        if index.manifests.isEmpty {
            report(Diagnostic(.imageNone, "the layout names no image", at: .file(path: "index.json")))
        }
        for entry in index.manifests { validate(entry, depth: 0) }
    }

    @discardableResult
    private mutating func collect<Result>(_ body: (inout Self) throws(Diagnostic) -> Result) -> Result? {
        do throws(Diagnostic) {
            return try body(&self)
        } catch {
            report(error)
            return nil
        }
    }

    private mutating func report(_ finding: Diagnostic) {
        if findings.count < Self.mostFindings { findings.append(finding) }
    }

    private mutating func count(_ blob: Descriptor) {
        guard counted.insert(blob.digest).inserted else { return }
        blobCount += 1
        blobSize = blobSize.addingClamped(blob.size)
    }

    private mutating func validate(_ entry: Descriptor, depth: Int) {
        checkData(of: entry)
        let name = Named(entry)
        if visited.insert(name).inserted {
            read(entry, depth: depth)
        }
        compare(entry, with: platforms[name] ?? nil)
    }

    private mutating func read(_ entry: Descriptor, depth: Int) {
        if entry.mediaType.isIndex {
            guard depth < LocatedImage.deepestIndex else {
                report(.imageTooDeep(entry))
                return
            }
            guard let index: Document<Index> = document(entry) else { return }
            for child in index.content.manifests { validate(child, depth: depth + 1) }
        } else if entry.mediaType.isManifest {
            guard let manifest: Document<Manifest> = document(entry) else { return }
            if manifest.content.isImage, !entry.isAttestation, !isDocument(manifest.content, entry) {
                validate(manifest, entry)
            } else {
                validate(artifact: manifest.content, entry)
            }
        } else if depth > 0 {
            // Beside images, an index may have other things.
            validate(blob: entry)
        } else {
            report(.imageNotAnImage(entry))
        }
    }

    /// Whether it is what cosign has under a tag beside an image: its config is that of an image, and its layers are
    /// signatures.
    private func isDocument(_ manifest: Manifest, _ entry: Descriptor) -> Bool {
        guard let tag = entry.entryTag, AttachedTag(parsing: tag) != nil else { return false }
        return !manifest.layers.contains(where: \.mediaType.isFilesystemLayer)
    }

    private mutating func document<Content>(_ blob: Descriptor) -> Document<Content>? {
        collect { validator throws(Diagnostic) in
            let document = try Document<Content>(decoding: try validator.source.document(blob), of: blob)
            validator.count(blob)
            return document
        }
    }

    /// An artifact that is not an image, or a build record, has no layers to unpack: its blobs are compared with their
    /// descriptors.
    private mutating func validate(artifact: Manifest, _ entry: Descriptor) {
        for blob in artifact.layers + [artifact.config] { validate(blob: blob) }
        guard artifact.config.mediaType.isImageConfig, artifact.artifactType == nil,
            let config: Document<ImageConfig> = document(artifact.config)
        else { return }
        platforms[Named(entry)] = config.content.platform
    }

    private mutating func validate(blob: Descriptor) {
        checkData(of: blob)
        guard visited.insert(Named(blob)).inserted else { return }
        collect { validator throws(Diagnostic) in
            var reader = try validator.source.open(blob)
            _ = try reader.skip(.max)
            validator.count(blob)
        }
    }

    private mutating func validate(_ manifest: Document<Manifest>, _ entry: Descriptor) {
        imageCount += 1
        let name = manifest.descriptor.digest.description
        let found = manifest.content.layers.map { layer($0) }
        checkUnpacking(manifest.content.layers, found)
        checkData(of: manifest.content.config)
        guard let config: Document<ImageConfig> = document(manifest.content.config) else { return }
        platforms[Named(entry)] = config.content.platform
        compare(config.content, with: found, of: name)
    }

    private mutating func layer(_ blob: Descriptor) -> Layer {
        checkData(of: blob)
        let name = Named(blob)
        if let known = layers[name] { return known }
        var result = Layer.unreadable
        do throws(Diagnostic) {
            result = .scanned(try ScannedLayer(blob, in: source, limits))
            count(blob)
        } catch {
            if blob.isKeptElsewhere, error.code == .blobMissing {
                elsewhereCount += 1
                result = .elsewhere
            } else {
                report(error)
            }
        }
        layers[name] = result
        return result
    }

    /// Layers that need nothing of each other are known to unpack; others are applied one upon the other.
    private mutating func checkUnpacking(_ layers: [Descriptor], _ found: [Layer]) {
        var budget = TableBudget(limits)
        var needsOthers = false
        for (blob, layer) in zip(layers, found) {
            guard case .scanned(let scanned) = layer else { return }
            let subject = Diagnostic.Subject.blob(blob.digest.description)
            let fits: Void? = collect { _ throws(Diagnostic) in
                try budget.take(entries: scanned.entries, metadata: scanned.metadata, of: subject)
            }
            guard fits != nil else { return }
            needsOthers = needsOthers || scanned.needsOthers
        }
        guard needsOthers else { return }
        collect { validator throws(Diagnostic) in
            _ = try RootFilesystem(applying: layers, of: validator.source, validator.limits)
        }
    }

    private mutating func compare(_ config: ImageConfig, with layers: [Layer], of image: String) {
        let layerCount = layers.count
        if config.diffIDs.count != layerCount {
            disagree(image, "the config has \(config.diffIDs.count) diffIDs, the manifest \(layerCount) layers")
        }
        for (index, (expected, layer)) in zip(config.diffIDs, layers).enumerated() {
            guard case .scanned(let scanned) = layer, scanned.diffID != expected else { continue }
            disagree(image, "layer \(index + 1): the config says diffID \(expected), the tar has \(scanned.diffID)")
        }
        for time in config.unreadableTimes {
            disagree(
                image,
                "the config has the time `\(time.excerpt)`, which is not RFC 3339: no engine reads the config"
            )
        }
        let written = config.history.count { !$0.isEmptyLayer }
        if !config.history.isEmpty, written != layerCount {
            disagree(image, "the history has \(written) steps with a layer, the manifest \(layerCount) layers")
        }
    }

    /// Compares what an index says of a manifest with what its config says.
    private mutating func compare(_ entry: Descriptor, with own: Platform?) {
        guard let said = entry.platform, let own else { return }
        let differs = said.osVersion != nil && own.osVersion != nil && said.osVersion != own.osVersion
        guard !said.matches(own) || differs else { return }
        let versions = differs ? " (\(said.osVersion ?? "") and \(own.osVersion ?? ""))" : ""
        disagree(entry.digest.description, "the index says \(said), the config \(own)\(versions)")
    }

    /// A descriptor may have the blob's bytes in it; readers take one or the other.
    private mutating func checkData(of blob: Descriptor) {
        guard !blob.embeddedDataMatches() else { return }
        report(
            Diagnostic(
                .blobDigest,
                "the `data` of a descriptor is not what its digest says",
                at: .blob(blob.digest.description),
                hint: "build or copy the image again"
            )
        )
    }

    private mutating func disagree(_ image: String, _ reason: String) {
        report(
            Diagnostic(
                .imageDisagrees,
                "the image's parts disagree",
                at: .image(image),
                because: reason,
                hint: "build or copy the image again"
            )
        )
    }
}

extension Diagnostic.Code {
    package static let imageNone = Self("image.none", .verification)
}
