import ArgumentParser
import Checkup
import Diagnostics
import OCI
import SharedOptions
import Terminal

/// How what was found in an image is printed, where not as text.
struct FindingsFormat: ParsableArguments {
    @Flag(help: "Print one JSON document.")
    var json = false

    @Flag(help: "Print a SARIF 2.1.0 log, for pages that show the results of code scanners.")
    var sarif = false

    /// To be asked before anything is looked at.
    ///
    /// - Throws: `usage.conflict`.
    func check() throws(Diagnostic) {
        guard !json || !sarif else {
            throw Diagnostic(
                .usageConflict,
                "`--json` and `--sarif` are two forms of one result",
                at: .option("--sarif"),
                hint: "give one of them"
            )
        }
    }

    /// The document that was asked for; `nil` for text.
    func document(_ report: some FindingsReport) -> ResultDocument? {
        if sarif { return ResultDocument(ofForeignForm: report.sarif(version: coracleVersion)) }
        return json ? ResultDocument(report.json) : nil
    }
}
