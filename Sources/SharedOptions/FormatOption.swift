import ArgumentParser
package import Diagnostics
package import OCI
import Request

/// Which media types the documents of an image have.
package struct FormatOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write manifests in this format: docker, for registries that refuse OCI's. Their digests change.",
            valueName: "format"
        )
    )
    var format: String?

    package init() {}

    /// `nil` if the image stays as it is.
    ///
    /// - Parameter referrers: whether what hangs on the image comes along.
    /// - Throws: `usage.malformed`, `usage.conflict`.
    package func parsed(referrers: Bool) throws(Diagnostic) -> ManifestFormat? {
        guard let text = format else { return nil }
        guard try Self.format(text) == .docker else {
            throw Diagnostic(
                .usageMalformed,
                "`--format oci` changes nothing",
                at: .option("--format"),
                because: "an image stays in the format that it has",
                hint: "leave it out, or use `--format docker`"
            )
        }
        guard !referrers else {
            throw Diagnostic(
                .usageConflict,
                "`--format docker` and `--referrers` contradict each other",
                at: .option("--format"),
                because: "signatures and documents are about the image's digest, which is another one in that format",
                hint: "leave out `--referrers`, and sign the copy"
            )
        }
        return .docker
    }

    /// - Throws: `usage.malformed`.
    package static func format(_ text: String) throws(Diagnostic) -> ManifestFormat {
        guard let format = ManifestFormat(rawValue: text) else {
            let reason = "it is neither oci nor docker"
            throw .optionMalformed(.usageMalformed, "--format", text, because: reason, example: "docker")
        }
        return format
    }
}
