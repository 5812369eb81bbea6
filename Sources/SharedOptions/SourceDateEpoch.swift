package import Diagnostics
import Glibc
package import OCI
import Terminal

/// The time that reproducible builds take for now.
///
/// reproducible-builds.org, SOURCE_DATE_EPOCH specification.
package enum SourceDateEpoch {
    package static let variable = "SOURCE_DATE_EPOCH"

    /// `nil` if the environment does not say.
    ///
    /// - Throws: `usage.malformed` for a value that is not whole seconds.
    package static func fromEnvironment() throws(Diagnostic) -> Timestamp? {
        guard let text = ProcessEnvironment[variable] else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let time = try? Timestamp(parsing: text) else {
            throw Diagnostic(
                .usageMalformed,
                "the environment variable \(variable) is not a time",
                at: .option(variable),
                because: "its value is `\(text)`",
                hint: "set it to seconds since 1970, such as `$(git log -1 --format=%ct)`, or unset it"
            )
        }
        return time
    }
}

extension Timestamp {
    /// This machine's clock.
    package static var now: Timestamp { Timestamp(secondsSince1970: Int64(time(nil))) }
}
