import Diagnostics
import Findings
import Gate
import OCI
import Request
import Stack

extension ImagePlanner {
    /// What the checks of an image found.
    struct Checks {
        var findings: [Finding] = []
        /// What the manifest says of it.
        var annotations: [String: String] = [:]
        var policy = ImagePolicy()
    }

    /// Checks the image that `stack` and `config` make; what refuses it goes to the problems.
    func checks(
        _ stack: LayerStack,
        _ needs: ApplicationNeeds,
        _ config: ImageConfig,
        _ base: Base?
    ) -> Checked<Checks> {
        var (remarks, checks) = (Remarks(), Checks())
        if request.gate == nil { checks.annotations = [AnnotationKey.gateSkipped: "true"] }
        guard request.gate != nil || request.describesPod || request.sizeLimit != nil else { return Checked(checks) }
        let found = remarks.collect { () throws(Diagnostic) in
            let root = try PlannedRoot(stack, knowing: needs.programs)
            var checks = checks
            var refused = [Finding]()
            if let options = request.gate {
                let image = GatedImage(
                    root: root,
                    platform: config.platform,
                    execution: config.config,
                    base: base?.name
                )
                checks.findings = try ImageGate.findings(in: image, weighing: inputs.alternatives)
                if !options.refusesNothing {
                    let outcome = GateOutcome(checks.findings, options)
                    checks.findings = outcome.reportedByBuild
                    checks.annotations = outcome.annotations
                    refused = outcome.refused
                }
            }
            checks.policy = try ImagePolicy(request, root, config.config)
            return (checks: checks, refused: refused)
        }
        guard let found else { return Checked(checks, remarks) }
        for finding in found.refused { remarks.problems.add(finding.diagnostic) }
        return Checked(found.checks, remarks)
    }
}
