import ArgumentParser
import Diagnostics
import OCI
import Request
import SharedOptions

/// The dates in an image. They never come from the clock unless `--created now` says so.
struct DateOptions: ParsableArguments {
    @Option(flag: "created") var created: String?
    @Option(flag: "mtime") var mtime: String?
}

extension BuildOptions {
    /// The options under "Dates".
    static let dateFlags: [BuildFlag] = [
        .text(
            "created",
            \.dates.created,
            """
            The image's date: RFC 3339, seconds since 1970, or now. Default: SOURCE_DATE_EPOCH, the programs' commit, \
            1970
            """,
            value: "time"
        ) { text, request throws(Diagnostic) in
            request.created = .at(text == "now" ? .now : try Timestamp(parsing: text), source: "--created")
        },
        .text(
            "mtime",
            \.dates.mtime,
            "The date of the files that you bring. Default: 1970",
            value: "time"
        ) { text, request throws(Diagnostic) in request.modified = try Timestamp(parsing: text) },
    ]
}
