package import Diagnostics
package import Layers
package import OCI

/// A rule that an image breaks: where, why, and what to do.
package struct Finding: Hashable, Sendable {
    /// The rule that is broken.
    package let rule: Rule
    /// How bad it is here: the rule's own severity, unless what is found is less bad where it is.
    package let severity: Rule.Severity
    /// The path in the image; `nil` if the finding is about the image as a whole.
    package let path: EntryPath?
    /// What is wrong: one line, no full stop, the path in it in backticks.
    package let summary: String
    /// Why: what shows that the rule is broken.
    package let reason: String?
    /// What to do.
    package let hint: String?
    /// The files that break the rule, where they are more than the one at `path`.
    package let places: [EntryPath]
    /// What the files ask for, such as the name of a library: it can be allowed by itself.
    package let subject: String?

    package init(
        _ rule: Rule,
        _ summary: String,
        in path: EntryPath? = nil,
        as severity: Rule.Severity? = nil,
        because reason: String? = nil,
        hint: String? = nil,
        places: [EntryPath] = [],
        subject: String? = nil
    ) {
        self.rule = rule
        self.severity = severity ?? rule.severity
        self.places = places
        self.subject = subject
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

extension Finding {
    package var json: JSON {
        var json = JSONObject()
        json["code"] = .string(rule.code)
        json["severity"] = .string("\(severity)")
        json["path"] = path.map { .string($0.description) }
        json["summary"] = .string(summary)
        json["because"] = reason.map { .string($0) }
        json["hint"] = hint.map { .string($0) }
        return .object(json)
    }
}
