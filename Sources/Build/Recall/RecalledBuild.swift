package import Diagnostics
package import Findings
import Images
package import OCI
import Plan
package import Request
import Store

/// An earlier build that would come out the same: what it wrote, and what it found.
package struct RecalledBuild: Sendable {
    /// A layer that the cache has.
    struct Layer: Hashable, Sendable {
        let descriptor: Descriptor
        /// The lineage whose last layer it is.
        let lineage: Digest
    }

    let facts: BuildFacts
    let delivery: BuildDelivery
    let listings: [ImageSet.Listing]
    /// Configs, manifests and an index, in the order they are to arrive.
    let documents: [EncodedDocument]
    /// Each layer once.
    let layers: [Layer]
    /// `nil` for images on `scratch`.
    var base: RecalledBase?
    /// What the names of other images stood for, of which files are in the images.
    var sourceImages: [Digest] = []
    /// The files of each layer; `nil` if they were not asked for.
    var files: [[LayerFile]]?
    /// What was said about the images when they were put in place again.
    package internal(set) var statements: [BuildStatement] = []

    /// For which the images are.
    var platforms: [Platform] { facts.images.map(\.platform) }

    /// What is worth knowing and no reason to stop.
    package var notes: [Diagnostic] { facts.notes }
    /// What the gate found, and refused nothing for.
    package var findings: [Finding] { facts.findings }
    /// Where it goes.
    package var output: BuildRequest.Output? { delivery.output }
    /// For a person, in lines.
    package var summary: [String] { delivery.lines + facts.summary() }
    /// `REFERENCE@sha256:…` for each name, or `sha256:…` for an image without a name.
    package var references: [String] { delivery.references(to: facts.top) }
    /// YAML for the `spec` of a pod that runs the image; `nil` unless it was asked for.
    package var kubernetes: [String]? { facts.kubernetes(delivery) }
    /// For a program, with the lists of files if they were asked for.
    package var json: JSON { json(of: nil, files) }

    /// For a program: one image of many, called `name`.
    package func json(of name: String) -> JSON { json(of: name, nil) }

    private func json(of name: String?, _ files: [[LayerFile]]?) -> JSON {
        var json = facts.json(of: name, delivery, files)
        json["attached"] = statements.json
        return .object(json)
    }

    /// What destinations take.
    func images(_ blobs: [LocalBlob]) -> ImageSet {
        var remote = [(Descriptor, ImageSet.Blob)]()
        if let base, let provider = base.provider {
            remote = base.layers.map { ($0, .remote(ImageSet.RemoteBlob($0, of: provider))) }
        }
        return ImageSet(
            top: facts.top,
            names: delivery.names,
            listings: listings,
            blobs: remote + blobs.map { ($0.descriptor, .remote(ImageSet.RemoteBlob($0))) }
                + documents.map { ($0.descriptor, .bytes($0.bytes)) }
        )
    }
}

// The documents of one image, for callers that want more than the facts.
extension RecalledBuild {
    /// One image of the build.
    package struct Image: Sendable {
        package let platform: Platform
        package let manifest: Document<Manifest>
        package let config: ImageConfig
    }

    /// What the names point to.
    package var top: Descriptor { facts.top }

    /// The images in the order of the index.
    package func images() throws(Diagnostic) -> [Image] {
        try facts.images.map { image throws(Diagnostic) in
            Image(
                platform: image.platform,
                manifest: try Document(decoding: try bytes(of: image.manifest), of: image.manifest),
                config: try Document<ImageConfig>(decoding: try bytes(of: image.config), of: image.config).content
            )
        }
    }

    private func bytes(of blob: Descriptor) throws(Diagnostic) -> [UInt8] {
        guard let document = documents.first(where: { $0.descriptor.digest == blob.digest }) else {
            throw Diagnostic(.recallIncomplete, "a cached build lacks its document \(blob.digest)")
        }
        return document.bytes
    }
}

extension Diagnostic.Code {
    static let recallIncomplete = Self("recall.incomplete", .bug)
}
