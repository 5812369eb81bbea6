import ArgumentParser
import Diagnostics
import Glibc
import Request

/// How much a build does, which never changes the image.
struct EffortOptions: ParsableArguments {
    @Option(flag: "jobs") var jobs: Int?
    @Flag(flag: "no-cache") var noCache = false
    @Flag(flag: "verify-cache") var verifyCache = false

    /// How many things are done at the same time.
    var cores: Int { jobs.map { max(1, $0) } ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

extension BuildOptions {
    /// The options under "Speed".
    static let effortFlags: [BuildFlag] = [
        .number(
            "jobs",
            \.effort.jobs,
            "The number of cores to use. Default: all",
            value: "n",
            spelled: .init(short: "j"),
            key: .none
        ) { jobs, _ throws(Diagnostic) in
            guard jobs < 1 else { return }
            let reason = "there is no work without a worker"
            throw .optionMalformed(.usageMalformed, "--jobs", "\(jobs)", because: reason, example: "2")
        },
        .flag(
            "no-cache",
            \.effort.noCache,
            "Do not read or write the build cache. The image is the same.",
            key: .none
        ) { $0.startedAt = nil },
        .flag(
            "verify-cache",
            \.effort.verifyCache,
            "Read every file, also those that have not changed since an earlier build.",
            key: .none
        ) { $0.readsAllFiles = true },
    ]
}
