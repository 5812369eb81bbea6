package import Diagnostics
package import Layers

/// A rule that an image breaks: where, why, and what to do.
package struct Finding: Hashable, Sendable {
    /// The rule that is broken.
    package let rule: Rule
    /// The path in the image; `nil` if the finding is about the image as a whole.
    package let path: EntryPath?
    /// What is wrong: one line, no full stop, the path in it in backticks.
    package let summary: String
    /// Why: what shows that the rule is broken.
    package let reason: String?
    /// What to do.
    package let hint: String?

    package init(
        _ rule: Rule,
        _ summary: String,
        in path: EntryPath? = nil,
        because reason: String? = nil,
        hint: String? = nil
    ) {
        self.rule = rule
        self.path = path
        self.summary = summary
        self.reason = reason
        self.hint = hint
    }

    /// As an error or a note that a person reads at a terminal.
    package var diagnostic: Diagnostic {
        Diagnostic(
            Diagnostic.Code(rule.code, .policy),
            summary,
            at: path.map { .file(path: $0.description) },
            because: reason,
            hint: hint
        )
    }
}
