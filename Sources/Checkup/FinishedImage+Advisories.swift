import Advisories
import Bases
import Diagnostics
import Findings
import Hygiene
import Request

extension FinishedImage {
    /// The known vulnerabilities of its Debian packages; none if there is no file of advisories.
    ///
    /// - Throws: `advisories.malformed`, `json.malformed`, `control.malformed`; what keeps the image from being read.
    func findings(
        by advisories: AdvisoryFile?,
        allowing options: GateOptions = GateOptions()
    ) throws(Diagnostic) -> [Finding] {
        guard let advisories else { return [] }
        return try AdvisoryCheck(
            gated.root,
            advisories,
            update: Self.update(of: gated.base ?? name),
            ignoring: Set(options.allowances.filter { Rule.advisories.contains($0.rule) }.map(\.name))
        ).findings()
    }

    /// How an image on `base` gets newer packages: one of the catalogue by a new lock, another by its maker.
    private static func update(of base: String) -> String {
        guard DebianSuite.known.contains(where: { base.hasPrefix("\($0.name)/") }) else {
            return "build the image again when its base has the update"
        }
        return "`coracle base lock --update` brings what Debian has of it into `\(base)`; then build the image again"
    }
}
