package import Advisories
package import ArgumentParser
import ByteIO
package import Diagnostics

/// The user's copy of what is known of vulnerabilities.
package struct AdvisoryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Look for known vulnerabilities of Debian packages: the security tracker's JSON, or debsecan's list.",
            valueName: "file"
        )
    )
    package var advisories: String?

    /// `nil` if none is named.
    ///
    /// - Throws: `advisories.malformed`, `io.failed`.
    package func file() throws(Diagnostic) -> AdvisoryFile? {
        try advisories.map { path throws(Diagnostic) in try AdvisoryFile(readingFrom: FilePath(path)) }
    }

    /// As ArgumentParser asks for.
    package init() {}
}
