import Diagnostics
import Findings
package import Hygiene
import OCI
package import Pods
import Request
import Stack

/// What was asked about one image beside whether it can run.
package struct ImagePolicy: Sendable {
    /// The YAML for a Kubernetes pod; `nil` unless it was asked for.
    package var pod: PodSnippet?
    /// How large it may be; `nil` if it may have any size.
    package var budget: SizeBudget?
}

extension ImagePolicy {
    /// What `request` asks about the image with the files of `root` that `execution` starts.
    init(_ request: BuildRequest, _ root: PlannedRoot, _ execution: ImageConfig.Execution) throws(Diagnostic) {
        if request.describesPod { pod = try PodSnippet(root, execution) }
        budget = request.sizeLimit.map { SizeBudget(limit: $0, for: root) }
    }
}

extension BuildPlan {
    /// What a pod says that runs the first image; `nil` unless it was asked for.
    package var pod: PodSnippet? { images.first?.policy.pod }

    /// The same as YAML in lines, before anything is built.
    package var kubernetes: [String]? { pod?.lines(podImage) }

    /// How a pod names the image before it is built.
    package var podImage: PodImage { PodImage(names.map(\.text), nil, isPushed: false, application: applicationName) }
}
