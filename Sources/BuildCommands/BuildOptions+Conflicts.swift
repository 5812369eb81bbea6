import Diagnostics
import Terminal

extension BuildOptions {
    /// Options of which only one can be given.
    private struct Exclusion: Sendable {
        let options: [BuildFlag]
        let places: Set<Int>
        let reason: String

        init(options names: [String], reason: String) {
            (options, self.reason) = (names.map { .named($0) }, reason)
            places = Set(names.compactMap { BuildFlag.place(of: $0) })
        }
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
    ///
    /// - Parameter places: of the options that can say something; `nil` for all.
    func conflicts(_ places: [Int]?) -> [Diagnostic] {
        var problems = Self.exclusions.compactMap { exclusion -> Diagnostic? in
            if let places, places.count(where: { exclusion.places.contains($0) }) < 2 { return nil }
            let given = exclusion.options.filter { $0.isGiven(in: self) }
            guard given.count > 1 else { return nil }
            return Diagnostic(
                .usageConflict,
                "`--\(given[0].name)` and `--\(given[1].name)` contradict each other",
                at: .option("--\(given[1].name)"),
                because: exclusion.reason,
                hint: "give one of them"
            )
        }
        // Each use of a group of options copies all of it.
        let (output, layers) = (output, layers)
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
