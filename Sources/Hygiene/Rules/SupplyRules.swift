package import Findings

extension Rule {
    static let supplyUnsigned = Rule("supply.unsigned", .error, "no signature hangs on the image")
    static let supplyNoSBOM = Rule("supply.no-sbom", .warning, "no SBOM hangs on the image")

    /// What a team may want to hang on its images. They are off until `coracle lint` is asked for them: an image that was
    /// just built has neither.
    package static let supply = [supplyUnsigned, supplyNoSBOM]
}

/// Whether documents hang on an image that a team wants there. Their signatures are not checked.
package struct SupplyCheck {
    private let isSigned: Bool
    private let hasSBOM: Bool
    private let settings: LintSettings

    /// - Parameters:
    ///   - isSigned: whether a signature hangs on the image, or on the index that it was found in.
    ///   - hasSBOM: the same for a list of packages.
    package init(isSigned: Bool, hasSBOM: Bool, _ settings: LintSettings) {
        (self.isSigned, self.hasSBOM, self.settings) = (isSigned, hasSBOM, settings)
    }

    /// Whether any of the rules is switched on.
    package static func isWanted(_ settings: LintSettings) -> Bool {
        Rule.supply.contains { (settings.levels[$0.code] ?? .off) != .off }
    }

    package func findings() -> [Finding] {
        var findings = [Finding]()
        if !isSigned, settings.isOn(.supplyUnsigned) {
            findings.append(
                Finding(
                    .supplyUnsigned,
                    "the image has no signature",
                    because: "neither the image nor its index has a bundle, a tag `.sig` or a Notation signature",
                    hint: "sign it when it is pushed; `coracle referrers IMAGE` lists what hangs on it"
                )
            )
        }
        if !hasSBOM, settings.isOn(.supplyNoSBOM) {
            findings.append(
                Finding(
                    .supplyNoSBOM,
                    "the image has no SBOM",
                    because: "neither the image nor its index has an SPDX or a CycloneDX document",
                    hint: "attach one: `coracle attach IMAGE FILE`"
                )
            )
        }
        return settings.applied(to: findings)
    }
}
