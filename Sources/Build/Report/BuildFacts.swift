import ByteIO
import Diagnostics
import Findings
import OCI
import Plan
import Store

/// What a build made and found: the values from which text and JSON are printed, and which the cache keeps.
struct BuildFacts: Hashable, Sendable {
    /// The index, or the manifest of a single image.
    let top: Descriptor
    let created: Timestamp
    /// What decided the date, such as `SOURCE_DATE_EPOCH`.
    let createdSource: String
    /// In the order of the index.
    let images: [ImageFacts]
    /// What is worth knowing and no reason to stop.
    let notes: [Diagnostic]
    /// What the gate found, and refused nothing for.
    let findings: [Finding]
}

extension BuildFacts {
    init(_ plan: BuildPlan, _ assembled: AssembledImages) {
        top = assembled.set.top
        created = plan.created
        createdSource = plan.createdSource
        images = zip(plan.images, assembled.images).map { ImageFacts($0, $1, plan.layers) }
        notes = plan.notes
        findings = plan.findings
    }

    /// For a person, in lines.
    func summary(_ layers: LayerFacts.Detail = .plain) -> [String] {
        images.flatMap { $0.lines(layers) } + ["  created \(created) (\(createdSource))"]
    }

    /// For a program.
    ///
    /// - Parameters:
    ///   - name: what the image is called among many; `nil` if it is the only one.
    ///   - files: the files of each layer of the build; `nil` to leave them out.
    func json(of name: String?, _ delivery: BuildDelivery, _ files: [[LayerFile]]?) -> JSONObject {
        var json = JSONObject()
        json["name"] = name.map { .string($0) }
        json["reference"] = .string(delivery.reference(to: top))
        json["digest"] = .string(top.digest.description)
        json["mediaType"] = .string(top.mediaType.rawValue)
        json["names"] = .array(delivery.names.map { .string($0.text) })
        json["output"] = delivery.output.map { .string($0.display) }
        json["pushed"] = delivery.isPushed ? true : nil
        json["created"] = ["time": .string(created.description), "from": .string(createdSource)]
        json["images"] = .array(images.map { .object($0.json(files)) })
        json["notes"] = .array(notes.map(\.json))
        json["findings"] = .array(findings.map(\.json))
        return json
    }
}
