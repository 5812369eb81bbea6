import ByteIO
package import Diagnostics
import OCI
package import Store

/// Whether the images of a layout are what they say they are: every digest, size, diffID, count and platform is computed
/// again from the bytes.
package struct ImageValidator {
    private let source: ImageSource
    /// What is wrong, in the order it was found.
    package private(set) var findings: [Diagnostic] = []
    package private(set) var imageCount = 0
    package private(set) var blobCount = 0
    /// Size of the blobs that were read, in bytes.
    package private(set) var blobSize: Int64 = 0

    private var seen = Set<Digest>()
    private var scans: [Digest: LayerScan] = [:]

    /// Reads everything that `source` has.
    ///
    /// - Throws: what keeps even the list of images from being read.
    package init(_ source: ImageSource) throws(Diagnostic) {
        self.source = source
        let index = try source.index()
        if index.manifests.isEmpty {
            findings.append(Diagnostic(.imageNone, "the layout names no image", at: .file(path: "index.json")))
        }
        for entry in index.manifests { validate(entry, depth: 0) }
    }

    @discardableResult
    private mutating func collect<Result>(_ body: (inout Self) throws(Diagnostic) -> Result) -> Result? {
        do throws(Diagnostic) {
            return try body(&self)
        } catch {
            findings.append(error)
            return nil
        }
    }

    private mutating func count(_ blob: Descriptor) {
        guard seen.insert(blob.digest).inserted else { return }
        blobCount += 1
        blobSize += blob.size
    }

    private mutating func validate(_ entry: Descriptor, depth: Int) {
        if entry.isAttestation { return }
        guard let bytes = collect({ validator throws(Diagnostic) in try validator.source.document(entry) }) else {
            return
        }
        count(entry)
        if entry.mediaType.isIndex {
            guard depth < LocatedImage.deepestIndex else {
                findings.append(.imageTooDeep(entry))
                return
            }
            let index = collect { _ throws(Diagnostic) in try Document<Index>(decoding: bytes, of: entry) }
            for child in index?.content.manifests ?? [] { validate(child, depth: depth + 1) }
        } else if entry.mediaType.isManifest {
            let manifest = collect { _ throws(Diagnostic) in try Document<Manifest>(decoding: bytes, of: entry) }
            guard let manifest else { return }
            if manifest.content.isImage { validate(manifest, entry) } else { validate(artifact: manifest.content) }
        } else {
            findings.append(.imageNotAnImage(entry))
        }
    }

    /// An artifact that is not an image has no layers to unpack: only its blobs are compared with their descriptors.
    private mutating func validate(artifact: Manifest) {
        for blob in artifact.layers + [artifact.config] where !seen.contains(blob.digest) {
            collect { validator throws(Diagnostic) in
                var reader = try validator.source.open(blob)
                _ = try reader.skip(.max)
            }
            count(blob)
        }
    }

    private mutating func validate(_ manifest: Document<Manifest>, _ entry: Descriptor) {
        imageCount += 1
        let name = manifest.descriptor.digest.description
        var found = [LayerScan?]()
        for layer in manifest.content.layers {
            // A layer that several images share is read once.
            if scans[layer.digest] == nil {
                scans[layer.digest] = collect { validator throws(Diagnostic) in
                    try LayerScan(layer, in: validator.source) { _ in }
                }
            }
            found.append(scans[layer.digest])
            count(layer)
        }
        let config = collect { validator throws(Diagnostic) in
            try Document<ImageConfig>(
                decoding: try validator.source.document(manifest.content.config),
                of: manifest.content.config
            )
        }
        guard let config = config?.content else { return }
        count(manifest.content.config)
        let layerCount = manifest.content.layers.count
        if config.diffIDs.count != layerCount {
            disagree(name, "the config has \(config.diffIDs.count) diffIDs, the manifest \(layerCount) layers")
        }
        for (index, (expected, scan)) in zip(config.diffIDs, found).enumerated() {
            guard let scan, scan.diffID != expected else { continue }
            disagree(name, "layer \(index + 1): the config says diffID \(expected), the tar has \(scan.diffID)")
        }
        let written = config.history.count { !$0.isEmptyLayer }
        if !config.history.isEmpty, written != layerCount {
            disagree(name, "the history has \(written) steps with a layer, the manifest \(layerCount) layers")
        }
        if let platform = entry.platform, !platform.matches(config.platform) {
            disagree(name, "the index says \(platform), the config \(config.platform)")
        }
    }

    private mutating func disagree(_ image: String, _ reason: String) {
        findings.append(
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
