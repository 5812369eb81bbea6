package import Diagnostics
package import Findings

/// What causes a symptom in one image.
package struct Diagnosis: Sendable {
    package let symptom: Symptom
    /// The line of the log that shows it.
    package let line: String
    /// Facts about the image that explain the symptom, in lines; empty if nothing in the image does.
    package let reasons: [String]
    /// What to do, the most likely first.
    package let hints: [String]

    /// - Parameters:
    ///   - text: the message as it was seen.
    ///   - findings: of all checks of the image.
    package init(
        _ symptom: Symptom,
        _ text: String,
        _ image: GatedImage<some ImageRoot>,
        _ findings: [Finding]
    ) throws(Diagnostic) {
        self.symptom = symptom
        line = text
        let words = MessageWords(text)
        var matching = findings.filter { finding in symptom.codes.contains { finding.rule.code.hasPrefix($0) } }
        // The message means one library: the one that it names.
        if let library = words.library {
            matching = matching.filter { finding in
                finding.subject.map { $0 == library } ?? true
            }
        }
        let facts = try SymptomFacts(image, words).facts(for: symptom.kind, besides: matching)
        reasons =
            matching.map { finding in
                finding.summary + (finding.reason.map { ": \($0)" } ?? "")
            } + facts.lines
        var hints = matching.compactMap(\.hint) + facts.hints
        if hints.isEmpty { hints = [symptom.hint] }
        self.hints = hints.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
