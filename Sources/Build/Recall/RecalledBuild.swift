import ByteIO
package import Diagnostics
package import Gate
import Images
import Layers
package import OCI
package import Plan
import Stack
import Store

/// An earlier build that would come out the same: what it wrote, and what it reported.
package struct RecalledBuild: Sendable {
    /// What is worth knowing and no reason to stop.
    package let notes: [Diagnostic]
    /// What the gate found, and refused nothing for.
    package let findings: [Finding]
    /// For a person, in lines.
    package var summary: [String] { BuildReport.destinations(output, pushedTo: isPushed ? names : []) + imageSummary }
    /// What the images are, wherever they go, in lines.
    private let imageSummary: [String]
    private let applicationName: String
    private let isPushed: Bool
    /// Where it went.
    let output: BuildRequest.Output?
    let names: [Reference]
    let top: Descriptor
    let listings: [ImageSet.Listing]
    /// Configs, manifests and an index, in the order they are to arrive.
    let documents: [(descriptor: Descriptor, bytes: [UInt8])]
    /// The layers, and the lineage that each is the last of.
    let layers: [(descriptor: Descriptor, lineage: Digest)]
    /// Nil for images made from nothing.
    var base: Base?

    /// What the images stand on.
    struct Base: Sendable {
        /// Nil for where the request says.
        let location: ImageLocation?
        let platforms: [Platform]
        /// What the name stood for.
        let top: Digest
        /// The layers of all images.
        let layers: [Descriptor]
        /// Brings the layers; nil until it is known to have them.
        var provider: (any ImageProvider)?
    }

    /// `REFERENCE@sha256:…` for each name, or `sha256:…` for an image without a name.
    package var references: [String] {
        names.isEmpty ? [top.digest.description] : names.map { "\($0.text)@\(top.digest)" }
    }

    /// What destinations take.
    func images(_ blobs: [LocalBlob]) -> ImageSet {
        var remote = [(Descriptor, ImageSet.Blob)]()
        if let base, let provider = base.provider {
            remote = base.layers.map { ($0, .remote(ImageSet.RemoteBlob($0, of: provider))) }
        }
        return ImageSet(
            top: top,
            names: names,
            listings: listings,
            blobs: remote + blobs.map { ($0.descriptor, .remote(ImageSet.RemoteBlob($0))) }
                + documents.map { ($0.descriptor, .bytes($0.bytes)) }
        )
    }
}

// What is kept of it.
extension RecalledBuild {
    package init(
        _ report: BuildReport,
        _ layers: [(descriptor: Descriptor, lineage: Digest)]
    ) async throws(Diagnostic) {
        let set = report.images.set
        notes = report.plan.notes
        findings = report.plan.findings
        imageSummary = report.imageSummary
        applicationName = report.plan.applicationName
        output = report.plan.output
        isPushed = report.plan.isPushed
        names = set.names
        top = set.top
        listings = set.listings
        documents = set.blobs.compactMap { blob in
            guard case .bytes(let bytes) = blob.content else { return nil }
            return (blob.descriptor, bytes)
        }
        self.layers = layers
        base = try await Base(of: report.plan)
    }

    /// Together with what the inputs looked like.
    package func json(_ inputs: Digest) -> JSON {
        var json = JSONObject()
        json["inputs"] = .string(inputs.description)
        json["notes"] = .array(notes.map(\.kept))
        json["findings"] = .array(findings.map(\.kept))
        json["summary"] = .array(imageSummary.map { .string($0) })
        json["application"] = .string(applicationName)
        json["top"] = top.json
        json["listings"] = .array(
            listings.map { ["config": $0.config.json, "layers": .array($0.layers.map(\.json))] }
        )
        json["documents"] = .array(
            documents.map { document in
                [
                    "descriptor": document.descriptor.json,
                    "text": .string(String(decoding: document.bytes, as: UTF8.self)),
                ]
            }
        )
        json["layers"] = .array(
            layers.map { ["descriptor": $0.descriptor.json, "lineage": .string($0.lineage.description)] }
        )
        json["base"] = base?.json
        return .object(json)
    }

    /// Nil for what was kept of other inputs.
    package init?(_ bytes: [UInt8], of inputs: Digest, for request: BuildRequest) throws(Diagnostic) {
        let names = RequestCheck.names(request)
        // Planning reports what is wrong with them.
        guard names.remarks.problems.isEmpty else { return nil }
        let name = "a kept build"
        let json = JSONReader(try JSON(parsing: bytes, named: name), named: name)
        guard try json.member("inputs").string() == inputs.description else { return nil }
        notes = try json.member("notes").array().map { value throws(Diagnostic) in try Diagnostic(kept: value) }
        findings = try json.member("findings").array().map { value throws(Diagnostic) in try Finding(kept: value) }
        imageSummary = try json.member("summary").strings()
        applicationName = try json.member("application").string()
        output = request.output(named: applicationName)
        isPushed = request.isPushed
        self.names = names.value
        top = try Descriptor(json.member("top").value, named: name)
        listings = try json.member("listings").array().map { value throws(Diagnostic) in
            ImageSet.Listing(
                config: try Descriptor(value.member("config").value, named: name),
                layers: try value.member("layers").array().map { layer throws(Diagnostic) in
                    try Descriptor(layer.value, named: name)
                }
            )
        }
        documents = try json.member("documents").array().map { value throws(Diagnostic) in
            let descriptor = try Descriptor(value.member("descriptor").value, named: name)
            return (descriptor, Array(try value.member("text").string().utf8))
        }
        layers = try json.member("layers").array().map { value throws(Diagnostic) in
            let descriptor = try Descriptor(value.member("descriptor").value, named: name)
            return (descriptor, try Digest(parsing: try value.member("lineage").string()))
        }
        base = try json.optional("base").map { base throws(Diagnostic) in try Base(base, named: name) }
        guard documents.allSatisfy({ Digest(sha256Of: $0.bytes) == $0.descriptor.digest }) else { return nil }
    }
}

extension RecalledBuild.Base {
    /// Nil for a plan of images made from nothing.
    fileprivate init?(of plan: BuildPlan) async throws(Diagnostic) {
        let bases = plan.images.compactMap(\.base)
        guard let first = bases.first else { return nil }
        // A place is where the request says, whatever it is called; a choice from the catalogue is one of the planner's.
        if case .catalogue? = plan.baseLocation { location = plan.baseLocation } else { location = nil }
        platforms = plan.images.map(\.platform)
        top = try await first.provider.top().digest
        layers = bases.flatMap(\.layers)
    }

    fileprivate var json: JSON {
        var json = JSONObject()
        if case .catalogue(let name)? = location { json["catalogue"] = .string(name) }
        json["platforms"] = .array(platforms.map { .string($0.description) })
        json["top"] = .string(top.description)
        json["layers"] = .array(layers.map(\.json))
        return .object(json)
    }

    fileprivate init(_ json: JSONReader, named name: String) throws(Diagnostic) {
        location = try json.optional("catalogue").map { name throws(Diagnostic) in .catalogue(try name.string()) }
        platforms = try json.member("platforms").strings().map { text throws(Diagnostic) in
            try Platform(parsing: text)
        }
        top = try Digest(parsing: try json.member("top").string())
        layers = try json.member("layers").array().map { layer throws(Diagnostic) in
            try Descriptor(layer.value, named: name)
        }
    }
}
