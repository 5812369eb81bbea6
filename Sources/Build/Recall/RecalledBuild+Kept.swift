import Diagnostics
import OCI
import Plan
import Request
import Store

// What is kept of a build.
extension RecalledBuild {
    init(_ report: BuildReport, _ layers: [Layer]) async throws(Diagnostic) {
        let set = report.images.set
        facts = report.facts
        delivery = BuildDelivery(report.plan)
        listings = set.listings
        documents = set.blobs.compactMap { blob in
            guard case .bytes(let bytes) = blob.content else { return nil }
            return EncodedDocument(descriptor: blob.descriptor, bytes: bytes)
        }
        self.layers = layers
        base = try await RecalledBase(of: report.plan)
        sourceImages = report.plan.sourceImages.map(\.top)
    }

    /// Together with what the inputs looked like.
    func kept(_ inputs: Digest) -> JSON {
        var json = JSONObject()
        json["inputs"] = .string(inputs.description)
        json["application"] = .string(delivery.application)
        json["facts"] = facts.kept
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
        json["base"] = base?.kept
        json["sources"] = .strings(sourceImages.map(\.description))
        return .object(json)
    }

    /// `nil` for what was kept of other inputs.
    init?(_ bytes: [UInt8], of inputs: Digest, for request: BuildRequest) throws(Diagnostic) {
        let names = RequestCheck.names(request)
        // Planning reports what is wrong with them.
        guard names.remarks.problems.isEmpty else { return nil }
        let name = "a cached build"
        let json = JSONReader(try JSON(parsing: bytes, named: name), named: name)
        guard try json.member("inputs").string() == inputs.description else { return nil }
        facts = try BuildFacts(kept: json.member("facts"))
        let application = try json.member("application").string()
        delivery = BuildDelivery(
            output: request.output(named: application),
            isPushed: request.isPushed,
            names: names.value,
            application: application
        )
        listings = try json.member("listings").array().map { listing throws(Diagnostic) in
            ImageSet.Listing(
                config: try Descriptor(kept: listing.member("config")),
                layers: try listing.member("layers").array().map { layer throws(Diagnostic) in
                    try Descriptor(kept: layer)
                }
            )
        }
        documents = try json.member("documents").array().map { document throws(Diagnostic) in
            EncodedDocument(
                descriptor: try Descriptor(kept: document.member("descriptor")),
                bytes: Array(try document.member("text").string().utf8)
            )
        }
        layers = try json.member("layers").array().map { layer throws(Diagnostic) in
            Layer(
                descriptor: try Descriptor(kept: layer.member("descriptor")),
                lineage: try layer.member("lineage").digest()
            )
        }
        base = try json.optional("base").map { base throws(Diagnostic) in try RecalledBase(kept: base) }
        sourceImages = try json.member("sources").array().map { image throws(Diagnostic) in try image.digest() }
        guard sourceImages.count == request.sourceLocations.count else { return nil }
        guard documents.allSatisfy({ Digest(sha256Of: $0.bytes) == $0.descriptor.digest }) else { return nil }
    }
}
