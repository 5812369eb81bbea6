import Diagnostics
package import Gate
import OCI

/// What was asked about one image beside whether it can run.
package struct ImagePolicy: Sendable {
    /// What a Kubernetes pod has to say; nil where nobody asked.
    package var pod: KubernetesSnippet?
    /// How large it may be; nil for any size.
    package var budget: SizeBudget?
}

extension Planner {
    /// What `request` asks about the image that `stack` and `execution` make.
    mutating func policy(_ stack: LayerStack, _ execution: ImageConfig.Execution) -> ImagePolicy {
        guard request.describesPod || request.sizeLimit != nil else { return ImagePolicy() }
        let (describesPod, sizeLimit) = (request.describesPod, request.sizeLimit)
        let policy = problems.collect { () throws(Diagnostic) in
            let root = try PlannedRoot(stack)
            var policy = ImagePolicy()
            if describesPod { policy.pod = try KubernetesSnippet(root, execution) }
            policy.budget = sizeLimit.map { SizeBudget(limit: $0, for: root) }
            return policy
        }
        return policy ?? ImagePolicy()
    }
}

extension BuildPlan {
    /// Whether all images are as small as they have to be.
    ///
    /// - Throws: `size.over-budget`.
    func checkSize(of assembled: [AssembledImages.Image]) throws(Diagnostic) {
        for (planned, image) in zip(images, assembled) {
            let own = image.layers.reduce(Int64(0)) { $0.addingReportingOverflow($1.descriptor.size).partialValue }
            guard let finding = planned.policy.budget?.finding(own: own, base: planned.base?.size ?? 0) else {
                continue
            }
            throw finding.diagnostic
        }
    }

    /// YAML for the `spec` of a pod that runs the first image; nil where nobody asked for it.
    public var kubernetes: [String]? { kubernetes(image: names.first?.text) }

    func kubernetes(image: String?) -> [String]? { images.first?.policy.pod?.lines(image: image) }
}
