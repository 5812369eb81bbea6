import Diagnostics
import Findings
package import Gate
package import Hygiene
import OCI
import Request
import Stack

/// What was asked about one image beside whether it can run.
package struct ImagePolicy: Sendable {
    /// The YAML for a Kubernetes pod; `nil` unless it was asked for.
    package var pod: KubernetesSnippet?
    /// How large it may be; `nil` if it may have any size.
    package var budget: SizeBudget?
}

extension ImagePolicy {
    /// What `request` asks about the image with the files of `root` that `execution` starts.
    init(_ request: BuildRequest, _ root: PlannedRoot, _ execution: ImageConfig.Execution) throws(Diagnostic) {
        if request.describesPod { pod = try KubernetesSnippet(root, execution) }
        budget = request.sizeLimit.map { SizeBudget(limit: $0, for: root) }
    }
}

extension BuildPlan {
    /// YAML for the `spec` of a pod that runs the first image; `nil` unless it was asked for.
    package var kubernetes: [String]? { kubernetes(image: names.first?.text) }

    package func kubernetes(image: String?) -> [String]? { images.first?.policy.pod?.lines(image: image) }
}
