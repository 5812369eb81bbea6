import Diagnostics
import Terminal

extension BuildOptions {
    /// Options of which only one can be given.
    private struct Exclusion {
        let options: [String]
        let reason: String
    }

    private static let exclusions = [
        Exclusion(options: ["output", "tarball"], reason: "both say where to write"),
        Exclusion(
            options: ["no-runtime", "no-ca", "ca", "ca-only"],
            reason: "they say different things about the certificates in the image"
        ),
        Exclusion(
            options: ["no-runtime", "minimal"],
            reason: "one leaves out everything, the other what is not needed"
        ),
        Exclusion(options: ["no-check", "allow"], reason: "nothing has to be allowed where nothing is checked"),
    ]

    /// What is wrong with the options beside each other.
    var conflicts: [Diagnostic] {
        var problems = Self.exclusions.compactMap { exclusion -> Diagnostic? in
            let given = exclusion.options.filter { BuildFlag.named($0).isGiven(in: self) }
            guard given.count > 1 else { return nil }
            return Diagnostic(
                .usageConflict,
                "`--\(given[0])` and `--\(given[1])` contradict each other",
                at: .option("--\(given[1])"),
                because: exclusion.reason,
                hint: "give one of them"
            )
        }
        if output.isStandardOutput, output.json || output.kubernetes {
            problems.append(
                Diagnostic(
                    .usageConflict,
                    "standard output cannot be an archive and a document",
                    at: .option("--output"),
                    hint: "write the archive to a file"
                )
            )
        }
        if output.bare, output.tag.isEmpty,
            ["CORACLE_REPO", "KO_DOCKER_REPO"].allSatisfy({ ProcessEnvironment[$0] == nil })
        {
            problems.append(
                Diagnostic(
                    .usageConflict,
                    "`--bare` means nothing without a repository",
                    at: .option("--bare"),
                    because: "neither CORACLE_REPO nor KO_DOCKER_REPO is set",
                    hint: "set one of them, or leave `--bare` out and name the image with `-t`"
                )
            )
        }
        if layers.maxLayers != nil, layers.layers != "auto" {
            problems.append(
                Diagnostic(
                    .usageConflict,
                    "`--max-layers` means nothing without `--layers auto`",
                    at: .option("--max-layers"),
                    hint: "add `--layers auto`"
                )
            )
        }
        return problems
    }
}
