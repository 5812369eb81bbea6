import Diagnostics
import Gate
import OCI

extension Planner {
    /// Checks the image that `stack` and `execution` make; what refuses it goes to the problems.
    ///
    /// - Returns: what its manifest says of the checks.
    mutating func gate(
        _ stack: LayerStack,
        _ execution: ImageConfig.Execution,
        _ platform: Platform,
        on base: Base?
    ) -> [String: String] {
        guard let options = request.gate else { return [AnnotationKey.gateSkipped: "true"] }
        let outcome = problems.collect { () throws(Diagnostic) in
            let image = GatedImage(
                root: try PlannedRoot(stack),
                platform: platform,
                execution: execution,
                base: base?.name
            )
            return GateOutcome(try ImageGate.findings(in: image), options)
        }
        guard let outcome else { return [:] }
        for finding in outcome.refused { problems.add(finding.diagnostic) }
        for finding in outcome.told + outcome.excused where !findings.contains(finding) { findings.append(finding) }
        return outcome.annotations
    }
}
