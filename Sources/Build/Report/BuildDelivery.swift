import ByteIO
import OCI
import Plan
import Pods
import Request

/// Where the images of a build go, and what they are called there.
struct BuildDelivery: Hashable, Sendable {
    /// The place on this machine; `nil` if there is none.
    let output: BuildRequest.Output?
    /// Whether the images go to the registries of `names`.
    let isPushed: Bool
    let names: [Reference]
    /// What the images are made from.
    let application: String

    /// In lines, for a person.
    var lines: [String] {
        (output.map { ["wrote \($0.display)"] } ?? []) + (isPushed ? names.map { "pushed \($0.text)" } : [])
    }

    /// `REFERENCE@sha256:…`, or `sha256:…` for an image without a name: what other programs are given.
    func reference(to top: Descriptor) -> String { references(to: top)[0] }

    /// The same for each name; never empty.
    func references(to top: Descriptor) -> [String] {
        names.isEmpty ? [top.digest.description] : names.map { "\($0.text)@\(top.digest)" }
    }

    /// How a pod asks for it.
    func podImage(of top: Descriptor) -> PodImage {
        PodImage(names.map(\.text), top.digest, isPushed: isPushed, application: application)
    }
}

extension BuildDelivery {
    init(_ plan: BuildPlan) {
        self.init(
            output: plan.output,
            isPushed: plan.isPushed,
            names: plan.names,
            application: plan.applicationName
        )
    }
}
