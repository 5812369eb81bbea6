import Layers
package import OCI
package import Plan

/// What was built.
package struct BuildReport: Sendable {
    package let plan: BuildPlan
    package let images: AssembledImages
    let facts: BuildFacts
    /// What was said about the images when they were in place.
    package internal(set) var statements: [BuildStatement] = []

    /// How much the summary says of each layer.
    private let detail: LayerFacts.Detail

    init(_ plan: BuildPlan, _ images: AssembledImages, _ detail: LayerFacts.Detail) {
        self.plan = plan
        self.images = images
        self.detail = detail
        facts = BuildFacts(plan, images)
    }

    /// YAML for the `spec` of a pod that runs the image, by its digest; `nil` unless it was asked for.
    package var kubernetes: [String]? { facts.kubernetes(delivery) }

    private var delivery: BuildDelivery { BuildDelivery(plan) }

    /// `REFERENCE@sha256:…`, or `sha256:…` for an image without a name: what other programs are given.
    package var reference: String { delivery.reference(to: facts.top) }

    /// The same for each name.
    package var references: [String] { delivery.references(to: facts.top) }

    /// For a person, in lines.
    package var summary: [String] { delivery.lines + facts.summary(detail) + twinSummary }

    /// For a program.
    package var json: JSON { json(of: nil, plan.layers.map { $0.blueprint.entries.compactMap { LayerFile($0) } }) }

    /// The same for one image of many, called `name`: without lists of files, which would be long and much the same.
    package func json(of name: String) -> JSON { json(of: name, nil) }

    private func json(of name: String?, _ files: [[LayerFile]]?) -> JSON {
        var json = facts.json(of: name, delivery, files)
        json["attached"] = statements.json
        json["debugTwin"] = twinJSON
        return .object(json)
    }
}
