import ArgumentParser
import ByteIO
package import Diagnostics
package import Handover
import Terminal

/// What a command writes for the programs and systems that run it.
package struct HandoverOptions: ParsableArguments {
    @Option(
        name: [.customLong("reference-file"), .customLong("image-refs")],
        help: ArgumentHelp("Also write REF@sha256:… of each image into this file, a line each.", valueName: "file"),
        completion: .file()
    )
    var referenceFile: String?

    @Option(
        help: ArgumentHelp(
            "Write digests and names into this file, as JSON with the keys of buildx.",
            valueName: "file"
        ),
        completion: .file()
    )
    var metadataFile: String?

    @Option(
        help: ArgumentHelp(
            "Write what a CI system reads: github, gitlab, tekton, or auto, which asks the environment.",
            valueName: "system"
        ),
        completion: .list(["github", "gitlab", "tekton", "auto"])
    )
    var ci: String?

    @Option(
        help: ArgumentHelp(
            "Where to write what gitlab and tekton read. Default: the working directory, /tekton/results",
            valueName: "directory"
        ),
        completion: .directory
    )
    var ciDir: String?

    /// As ArgumentParser asks for.
    package init() {}

    /// What is to be written, as far as it can be known before there is an image.
    ///
    /// - Throws: `usage.malformed`, `usage.conflict`; `io.failed` if a directory is missing.
    package func handover() throws(Diagnostic) -> Handover {
        var handover = Handover()
        handover.referenceFile = referenceFile.map { FilePath($0) }
        handover.metadataFile = metadataFile.map { FilePath($0) }
        handover.system = try system()
        try handover.check()
        return handover
    }

    private func system() throws(Diagnostic) -> Handover.System? {
        let directory = ciDir.map { FilePath($0) }
        switch ci == "auto" ? Self.detected : ci {
        case nil:
            guard ciDir == nil || ci != nil else {
                throw Diagnostic(
                    .usageConflict,
                    "`--ci-dir` means nothing without `--ci`",
                    at: .option("--ci-dir"),
                    hint: "add `--ci gitlab` or `--ci tekton`"
                )
            }
            return nil
        case "github":
            guard ciDir == nil || ci == "auto" else {
                throw Diagnostic(
                    .usageConflict,
                    "`--ci-dir` means nothing with `--ci github`",
                    at: .option("--ci-dir"),
                    because: "GitHub says in GITHUB_OUTPUT and GITHUB_STEP_SUMMARY where it reads",
                    hint: "leave one of them out"
                )
            }
            guard let outputs = ProcessEnvironment["GITHUB_OUTPUT"] else {
                throw Diagnostic(
                    .usageConflict,
                    "`--ci github` needs GITHUB_OUTPUT",
                    at: .option("--ci"),
                    because: "GitHub sets it for each step, and it is not set",
                    hint: "outside of GitHub's steps write `--ci auto`, which then writes nothing"
                )
            }
            return .github(
                outputs: FilePath(outputs),
                summary: ProcessEnvironment["GITHUB_STEP_SUMMARY"].map { FilePath($0) }
            )
        case "gitlab": return .gitlab(directory ?? FilePath("."))
        case "tekton": return .tekton(directory ?? FilePath("/tekton/results"))
        case let other?:
            throw Diagnostic(
                .usageMalformed,
                "`\(other)` is not a CI system that coracle knows",
                at: .option("--ci"),
                hint: "write github, gitlab, tekton or auto"
            )
        }
    }

    /// What the environment says; `nil` for a machine of one's own. Tekton sets no variable.
    private static var detected: String? {
        if ProcessEnvironment["GITHUB_ACTIONS"] == "true" { return "github" }
        return ProcessEnvironment["GITLAB_CI"] == "true" ? "gitlab" : nil
    }
}

extension Handover {
    /// Writes all that is wanted of what is in place.
    package func tell(_ outcome: Outcome) throws(Diagnostic) {
        guard !isEmpty else { return }
        for line in try write(outcome) { Console.log(line) }
    }

    /// Writes what is wanted of a command that failed with `error`, which is reported elsewhere.
    package func tell(failure error: any Error) throws(Diagnostic) {
        switch error {
        case let problem as Diagnostic: try tell(Outcome([], problems: [problem]))
        case let list as DiagnosticList: try tell(Outcome([], problems: list.items))
        default: return
        }
    }
}
