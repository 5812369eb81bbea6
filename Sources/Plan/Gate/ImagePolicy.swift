import Diagnostics
package import Gate
package import OCI
package import Stack

/// What was asked about one image beside whether it can run.
package struct ImagePolicy: Sendable {
    /// The YAML for a Kubernetes pod; `nil` unless it was asked for.
    package var pod: KubernetesSnippet?
    /// How large it may be; nil for any size.
    package var budget: SizeBudget?
}

extension Planner {
    /// What `request` asks about the image that `stack` and `execution` make.
    package mutating func policy(_ stack: LayerStack, _ execution: ImageConfig.Execution) -> ImagePolicy {
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
    /// YAML for the `spec` of a pod that runs the first image; `nil` unless it was asked for.
    package var kubernetes: [String]? { kubernetes(image: names.first?.text) }

    package func kubernetes(image: String?) -> [String]? { images.first?.policy.pod?.lines(image: image) }
}
