import Diagnostics
package import Gate
package import OCI
package import Stack

extension Planner {
    /// Checks the image that `stack` and `execution` make; what refuses it goes to the problems.
    ///
    /// - Returns: what was found, and what the manifest says of it.
    package mutating func gate(
        _ stack: LayerStack,
        _ needs: ApplicationNeeds,
        _ execution: ImageConfig.Execution,
        _ platform: Platform,
        on base: Base?
    ) -> (findings: [Finding], annotations: [String: String]) {
        guard let options = request.gate else { return ([], [AnnotationKey.gateSkipped: "true"]) }
        let found = problems.collect { () throws(Diagnostic) in
            try ImageGate.findings(
                in: GatedImage(
                    root: try PlannedRoot(stack, knowing: needs.programs),
                    platform: platform,
                    execution: execution,
                    base: base?.name
                )
            )
        }
        guard let found, !options.refusesNothing else { return (found ?? [], [:]) }
        let outcome = GateOutcome(found, options)
        for finding in outcome.refused { problems.add(finding.diagnostic) }
        // A build on a base cannot fix what the base brings, and how a file was linked is not a property of the image:
        // only `check` reports these.
        let reported = outcome.reported.filter { ![.baseIncomplete, .unprotected].contains($0.rule) } + outcome.excused
        return (reported, outcome.annotations)
    }
}
