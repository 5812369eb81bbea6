import ArgumentParser
import Diagnostics
import Gate
import Plan

/// What is said about the checks of an image.
struct GateArguments: ParsableArguments {
    @Flag(help: "Make the image unchecked: whether it can run, what is in it.")
    var noCheck = false

    @OptionGroup var rules: AllowedRules

    /// Nil for no checks.
    ///
    /// - Throws: `usage.conflict`, `usage.malformed` for a code that no rule has.
    func options() throws(Diagnostic) -> GateOptions? {
        guard noCheck else { return try rules.options() }
        guard let code = rules.allow.first else { return nil }
        throw Diagnostic(
            .usageConflict,
            "`--no-check` and `--allow \(code)` contradict each other",
            at: .option("--no-check"),
            because: "where nothing is checked there is nothing to excuse",
            hint: "give one of them"
        )
    }
}

/// The rules that may be broken.
struct AllowedRules: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Excuse what breaks this rule, such as run.library-missing; `build` records it in the image. Repeatable.",
            valueName: "code"
        )
    )
    var allow: [String] = []

    /// - Throws: `usage.malformed` for a code that no rule has.
    func options() throws(Diagnostic) -> GateOptions {
        var options = GateOptions()
        for code in allow.flatMap({ $0.split(separator: ",").map(String.init) }) {
            options.allowed.insert(try Self.rule(code))
        }
        return options
    }

    /// - Throws: `usage.malformed` with the nearest codes.
    static func rule(_ code: String) throws(Diagnostic) -> Rule {
        if let rule = Rule.named(code) { return rule }
        // Half of a code may be enough to know it by.
        let near = Rule.all.map(\.code).filter { known in
            Spelling.distance(code, known) <= 3 || known.split(separator: ".").contains { $0 == code }
        }
        throw Diagnostic(
            .usageMalformed,
            "there is no rule `\(code)`",
            at: .option("--allow"),
            hint: near.isEmpty
                ? "a code stands in the brackets of an error, such as `\(Rule.all.first?.code ?? "")`"
                : "did you mean " + near.map { "`\($0)`" }.joined(separator: " or ") + "?"
        )
    }
}
