public import Diagnostics
package import Layers

/// A rule that an image breaks: where, why, and what to do.
public struct Finding: Hashable, Sendable {
    /// The rule that is broken.
    public let rule: Rule
    /// The path in the image; `nil` if the finding is about the image as a whole.
    package let path: EntryPath?
    /// What is wrong: one line, no full stop, the path in it in backticks.
    public let summary: String
    /// Why: what shows that the rule is broken.
    public let reason: String?
    /// What to do.
    public let hint: String?

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
    public var diagnostic: Diagnostic {
        Diagnostic(
            Diagnostic.Code(rule.code, .policy),
            summary,
            at: path.map { .file(path: $0.description) },
            because: reason,
            hint: hint
        )
    }
}
