package import Diagnostics
import ELF
import Layers

/// All checks of an image, one after the other.
package enum ImageGate {
    /// The findings of all checks: the most severe first, then by rule and path.
    ///
    /// - Throws: the reason why a file cannot be read.
    package static func findings(in image: GatedImage<some ImageRoot>) throws(Diagnostic) -> [Finding] {
        var findings = [Finding]()
        let chain = try StartChain(image)
        let closure = try chain.closure(image)
        let libraries = closure.map { $0.loaded.dropFirst().map(\.entry.path) } ?? []
        findings += try StartCheck(image, chain).findings()
        findings += try ProgramCheck.findings(in: image, chain, closure)
        findings += try NonRootProof(image.root, image.execution).findings(libraries: libraries)
        findings += try SecretCheck(image.root).findings()
        findings += try JunkCheck(image.root).findings()
        findings += try NeedsCheck(image).findings()
        return sorted(findings)
    }

    /// The findings in the order in which they are reported, without duplicates.
    package static func sorted(_ findings: [Finding]) -> [Finding] {
        var seen = Set<Finding>()
        let distinct = findings.filter { seen.insert($0).inserted }
        return distinct.sorted { left, right in
            if left.severity != right.severity { return left.severity > right.severity }
            if left.rule.code != right.rule.code { return left.rule.code < right.rule.code }
            if left.path != right.path { return (left.path ?? .root) < (right.path ?? .root) }
            return left.summary < right.summary
        }
    }
}
