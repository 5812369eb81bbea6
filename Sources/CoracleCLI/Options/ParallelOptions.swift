import ArgumentParser
import Diagnostics
import Request

/// How much is done at the same time.
struct ParallelOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The number of blobs to transfer at the same time, 1 to 32. Default: 2", valueName: "n")
    )
    var jobs: Int?

    /// - Throws: `usage.malformed`.
    func parallel() throws(Diagnostic) -> Int? {
        guard let jobs, !(1...32).contains(jobs) else { return jobs }
        let reason = "it is not from 1 to 32"
        throw .optionMalformed(.usageMalformed, "--jobs", "\(jobs)", because: reason, example: "4")
    }
}
