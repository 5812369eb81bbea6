import ArgumentParser
import Diagnostics
import Gate
import Plan

/// The rules that may be broken.
struct AllowedRules: ParsableArguments {
    @Option(
        help: ArgumentHelp("Allow what breaks this rule, such as run.library-missing. Repeatable.", valueName: "code")
    )
    var allow: [String] = []

    /// - Throws: `usage.malformed` for a code that no rule has.
    func options() throws(Diagnostic) -> GateOptions {
        var options = GateOptions()
        for text in allow { options.allowed.formUnion(try Self.rules(text)) }
        return options
    }

    /// The rules whose codes `text` has, separated by commas.
    ///
    /// - Throws: `usage.malformed` with the nearest codes.
    static func rules(_ text: String) throws(Diagnostic) -> [Rule] {
        var rules = [Rule]()
        for code in text.split(separator: ",") { rules.append(try rule(String(code))) }
        return rules
    }

    private static func rule(_ code: String) throws(Diagnostic) -> Rule {
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
