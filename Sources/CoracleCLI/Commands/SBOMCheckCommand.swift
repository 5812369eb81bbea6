import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import OCI
import Plan
import ScannerView
import Terminal

struct SBOMCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what scanners will not see in a bill of materials, and why.",
        usage: "coracle sbom check <file> [<options>]",
        discussion: Examples(
            "coracle sbom check sbom.spdx.json",
            "coracle sbom check sbom.cdx.json --allow sbom.no-supplier --sarif",
            "syft server.tar -o spdx-json | coracle sbom check -",
            note: """
                Reads SPDX 2.3 and CycloneDX 1.5 to 1.7, as JSON. Exits with 9 if an error
                is found that is not allowed.
                """
        ).text
    )

    @Argument(help: "A document, of any program; - for standard input.")
    var file: String

    @OptionGroup var rules: AllowedRules

    @OptionGroup var format: FindingsFormat

    func run() async throws {
        let options = try rules.options()
        try format.check()
        let path = FilePath(file == "-" ? "/dev/stdin" : file)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try OpenFile.content(of: path, limit: ScannedDocument.limit)
        } catch {
            throw error.diagnostic("read the document", path.display)
        }
        let name = file == "-" ? "standard input" : path.display
        let report = try SBOMChecker(options).check(bytes, named: name)
        try Console.output(format.document(report), else: report.text)
        if report.isRefused { throw ExitCode(Diagnostic.Category.policy.rawValue) }
    }
}
