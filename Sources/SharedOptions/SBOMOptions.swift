package import ArgumentParser
package import Diagnostics
import Request
package import SBOM

/// How a document of what is in an image is written.
package struct SBOMOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The document: spdx (2.3) or cyclonedx (1.6), both as JSON.", valueName: "format"))
    package var format = "spdx"

    @Option(
        help: ArgumentHelp(
            "Who gives the image out. Default: its label org.opencontainers.image.vendor",
            valueName: "name"
        )
    )
    package var supplier: String?

    /// - Throws: `usage.malformed`.
    package func parsedFormat() throws(Diagnostic) -> SBOMFormat {
        try Self.format(format, "--format")
    }

    /// - Throws: `usage.malformed`.
    package static func format(_ text: String, _ option: String) throws(Diagnostic) -> SBOMFormat {
        guard let format = SBOMFormat(rawValue: text) else {
            let reason = "it is not spdx or cyclonedx"
            throw .optionMalformed(.usageMalformed, option, text, because: reason, example: "cyclonedx")
        }
        return format
    }

    /// As ArgumentParser asks for.
    package init() {}
}
