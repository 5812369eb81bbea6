package import ArgumentParser
package import Diagnostics
import Request

/// How much is done at the same time.
package struct ParallelOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The number of blobs to transfer at the same time, 1 to 32. Default: 2", valueName: "n")
    )
    package var jobs: Int?

    /// - Throws: `usage.malformed`.
    package func parallel() throws(Diagnostic) -> Int? {
        guard let jobs, !(1...32).contains(jobs) else { return jobs }
        let reason = "it is not from 1 to 32"
        throw .optionMalformed(.usageMalformed, "--jobs", "\(jobs)", because: reason, example: "4")
    }

    /// As ArgumentParser asks for.
    package init() {}
}
