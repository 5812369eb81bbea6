public import Diagnostics
package import Layers

/// A rule that an image breaks: where, what shows it, and the way out.
public struct Finding: Hashable, Sendable {
    /// What is broken.
    public let rule: Rule
    /// In the image; nil for what is about the image as a whole.
    package let path: EntryPath?
    /// What is wrong: one line, no full stop, the path in it in backticks.
    public let summary: String
    /// What shows it.
    public let evidence: String?
    /// What to do.
    public let hint: String?

    package init(
        _ rule: Rule,
        _ summary: String,
        in path: EntryPath? = nil,
        because evidence: String? = nil,
        hint: String? = nil
    ) {
        self.rule = rule
        self.path = path
        self.summary = summary
        self.evidence = evidence
        self.hint = hint
    }

    /// As an error or a note that a person reads at a terminal.
    public var diagnostic: Diagnostic {
        Diagnostic(
            Diagnostic.Code(rule.code, .policy),
            summary,
            at: path.map { .file(path: $0.description) },
            because: evidence,
            hint: hint
        )
    }
}
