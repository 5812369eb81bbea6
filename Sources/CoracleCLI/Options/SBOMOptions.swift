import ArgumentParser
import Diagnostics
import Plan
import Request
import SBOM

/// How a document of what is in an image is written.
struct SBOMOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The document: spdx (2.3) or cyclonedx (1.6), both as JSON.", valueName: "format"))
    var format = "spdx"

    @Option(
        help: ArgumentHelp(
            "Who gives the image out. Default: its label org.opencontainers.image.vendor",
            valueName: "name"
        )
    )
    var supplier: String?

    /// - Throws: `usage.malformed`.
    func parsedFormat() throws(Diagnostic) -> SBOMFormat {
        try Self.format(format, "--format")
    }

    /// - Throws: `usage.malformed`.
    static func format(_ text: String, _ option: String) throws(Diagnostic) -> SBOMFormat {
        guard let format = SBOMFormat(rawValue: text) else {
            let reason = "it is not spdx or cyclonedx"
            throw .optionMalformed(.usageMalformed, option, text, because: reason, example: "cyclonedx")
        }
        return format
    }
}
