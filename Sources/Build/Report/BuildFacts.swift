import ByteIO
import Diagnostics
import Findings
import OCI
import Plan
import Pods
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
    /// What a pod says that runs the first image; `nil` unless it was asked for.
    let pod: PodSnippet?
}

extension BuildFacts {
    init(_ plan: BuildPlan, _ assembled: AssembledImages) {
        top = assembled.set.top
        created = plan.created
        createdSource = plan.createdSource
        images = zip(plan.images, assembled.images).map { ImageFacts($0, $1, plan.layers) }
        notes = plan.notes
        findings = plan.findings
        pod = plan.pod
    }

    /// YAML for the `spec` of a pod that runs the image; `nil` unless it was asked for.
    func kubernetes(_ delivery: BuildDelivery) -> [String]? { pod?.lines(delivery.podImage(of: top)) }

    /// For a person, in lines.
    func summary(_ layers: LayerFacts.Detail = .plain) -> [String] {
        images.flatMap { $0.lines(layers) } + ["  created \(created) (\(createdSource))"]
    }
}
