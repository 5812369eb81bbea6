import Diagnostics
import Findings
import Hygiene
import Layers
import OCI
import Plan
import Stack

extension AssembledImages {
    /// Checks that all images are as small as `plan` wants them.
    ///
    /// - Throws: `size.over-budget`.
    func checkSizes(_ plan: BuildPlan) throws(Diagnostic) {
        for (planned, image) in zip(plan.images, images) {
            let own = image.layers.reduce(Int64(0)) { $0.addingClamped($1.descriptor.size) }
            guard let finding = planned.policy.budget?.finding(own: own, base: planned.base?.size ?? 0) else {
                continue
            }
            throw finding.diagnostic
        }
    }
}
