package import ArgumentParser
package import Diagnostics
package import Findings
import Gate
package import Request

/// The rules that may be broken.
package struct AllowedRules: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Allow what breaks this rule, such as run.library-missing, or only RULE=PATH or RULE=LIBRARY. Repeatable.",
            valueName: "code"
        ),
        completion: Completions.rules
    )
    package var allow: [String] = []

    /// - Throws: `usage.malformed` for a code that no rule has.
    package func options() throws(Diagnostic) -> GateOptions {
        var options = GateOptions()
        for text in allow { try Self.allow(text, &options) }
        return options
    }

    /// Takes up rules separated by commas, or one rule with a place or a library behind `=`.
    ///
    /// - Throws: `usage.malformed`.
    package static func allow(_ text: String, _ options: inout GateOptions) throws(Diagnostic) {
        guard let equals = text.firstIndex(of: "=") else {
            options.allowed.formUnion(try rules(text))
            return
        }
        let name = String(text[text.index(after: equals)...])
        guard !name.isEmpty else {
            throw Diagnostic(
                .usageMalformed,
                "`\(text)` does not say what is allowed",
                at: .option("--allow"),
                hint: "name a file of the image or a library, as in `--allow run.library-missing=libpq.so.5`"
            )
        }
        options.allowances.append(Allowance(try rule(String(text[..<equals])), name))
    }

    /// The rules whose codes `text` has, separated by commas.
    ///
    /// - Throws: `usage.malformed` with the nearest codes.
    package static func rules(_ text: String) throws(Diagnostic) -> [Rule] {
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

    /// As ArgumentParser asks for.
    package init() {}
}
