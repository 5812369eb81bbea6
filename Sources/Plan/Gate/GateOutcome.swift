import Diagnostics
package import Findings
import Gate
import OCI
package import Request

/// What the gate found, and what comes of it.
package struct GateOutcome: Sendable {
    /// So many are named in an annotation; an image with a thousand has no use for a list.
    private static let mostNamed = 20

    /// What refuses the image.
    package let refused: [Finding]
    /// What would refuse it, had the user not allowed it.
    package let excused: [Finding]
    /// Worth telling: warnings and notes.
    package let reported: [Finding]

    /// - Parameter isKnown: whether a finding refuses nothing although the user did not allow it.
    package init(_ findings: [Finding], _ options: GateOptions, excusing isKnown: (Finding) -> Bool = { _ in false }) {
        let errors = findings.filter { $0.severity == .error }
        refused = errors.filter { !options.allows($0) && !isKnown($0) }
        excused = errors.filter { options.allows($0) || isKnown($0) }
        // What the user allows is not reported either.
        reported = findings.filter { $0.severity < .error && !options.allows($0) }
    }

    /// What a build reports of it, besides what refuses the image.
    ///
    /// A build on a base cannot fix what the base brings, and how a file was linked is not a property of the image: only
    /// `check` reports these.
    package var reportedByBuild: [Finding] {
        reported.filter { $0.rule != .baseIncomplete && $0.rule != .unprotected } + excused
    }

    /// For the image's manifest: what was excused.
    package var annotations: [String: String] {
        guard !excused.isEmpty else { return [:] }
        var items = excused.prefix(Self.mostNamed).map { finding in
            finding.rule.code + (finding.path.map { " \($0)" } ?? "")
        }
        if excused.count > Self.mostNamed { items.append("\(excused.count - Self.mostNamed) more") }
        return [AnnotationKey.gateExcused: items.joined(separator: "; ")]
    }
}
