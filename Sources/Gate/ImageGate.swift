package import Diagnostics
import Layers

/// All checks of an image, one after the other.
package enum ImageGate {
    /// What `image` breaks, the worst first; of equally bad findings those of one rule together, by path.
    ///
    /// - Throws: what keeps a file from being read.
    package static func findings(in image: GatedImage<some ImageRoot>) throws(Diagnostic) -> [Finding] {
        var findings = [Finding]()
        findings += try StartCheck(image).findings()
        findings += try ProgramCheck(image).findings()
        findings += try NonRootProof(image.root, image.execution).findings()
        findings += try SecretCheck(image.root).findings()
        findings += try JunkCheck(image.root).findings()
        return sorted(findings)
    }

    /// In the order they are told, each once.
    package static func sorted(_ findings: [Finding]) -> [Finding] {
        var seen = Set<Finding>()
        let distinct = findings.filter { seen.insert($0).inserted }
        return distinct.sorted { left, right in
            if left.rule.severity != right.rule.severity { return left.rule.severity > right.rule.severity }
            if left.rule.code != right.rule.code { return left.rule.code < right.rule.code }
            if left.path != right.path { return (left.path ?? .root) < (right.path ?? .root) }
            return left.summary < right.summary
        }
    }
}
