/// One problem, so that its reader can act: what went wrong, where, why, and what to do.
package struct Diagnostic: Error, Hashable, Sendable {
    /// A stable name for the kind of problem, for tests and scripts, e.g. `layer.duplicate-path`.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// Words with hyphens, the place of the problem before the dot.
        package let rawValue: String
        /// Who has to act.
        package let category: Category

        /// Codes are declared once, beside what throws them.
        package init(_ rawValue: String, _ category: Category) {
            self.rawValue = rawValue
            self.category = category
        }

        /// The name itself.
        package var description: String { rawValue }

        /// Whether it is shown as a warning where it refuses nothing.
        package var isWarning: Bool { Self.warnings.contains(rawValue) }

        /// Codes of remarks about what will fail later.
        private static let warnings: Set<String> = ["certificate.expired", "engine.latest", "engine.platform"]
    }

    /// The thing the problem is about.
    package enum Subject: Hashable, Sendable {
        /// A file of this machine, and the line in it, counted from 1.
        case file(path: String, line: Int? = nil)
        /// An image, by its reference or its manifest's digest.
        case image(String)
        /// A blob, by its digest.
        case blob(String)
        /// What was typed, or a variable of the environment.
        case option(String)
    }

    /// What kind of problem it is.
    package var code: Code
    /// What went wrong: one line, no full stop.
    package var summary: String { didSet { summary = Secrets.struck(summary) } }
    /// Where.
    package var subject: Subject? { didSet { subject = subject?.withoutSecrets } }
    /// Why.
    package var reason: String? { didSet { reason = reason.map(Secrets.struck) } }
    /// What to do.
    package var hint: String? { didSet { hint = hint.map(Secrets.struck) } }

    /// Texts are lines for a terminal: without a full stop, the user's own words in backticks. Secrets are struck out of
    /// them: see `Secrets`.
    package init(
        _ code: Code,
        _ summary: String,
        at subject: Subject? = nil,
        because reason: String? = nil,
        hint: String? = nil
    ) {
        self.code = code
        self.summary = Secrets.struck(summary)
        self.subject = subject?.withoutSecrets
        self.reason = reason.map(Secrets.struck)
        self.hint = hint.map(Secrets.struck)
    }
}

extension Diagnostic {
    /// The problem alone: two that differ only in their hints are the same problem.
    package var withoutHint: Diagnostic {
        var problem = self
        problem.hint = nil
        return problem
    }
}

extension Diagnostic.Subject {
    fileprivate var withoutSecrets: Self {
        switch self {
        case .file(let path, let line): .file(path: Secrets.struck(path), line: line)
        case .image(let name): .image(Secrets.struck(name))
        case .blob(let name): .blob(Secrets.struck(name))
        case .option(let name): .option(Secrets.struck(name))
        }
    }
}

extension Diagnostic.Subject: CustomStringConvertible {
    /// `PATH:LINE`, or the name.
    package var description: String {
        switch self {
        case .file(let path, .some(let line)): "\(path):\(line)"
        case .file(let path, nil): path
        case .image(let name), .blob(let name), .option(let name): name
        }
    }
}

/// Several problems found in one go, so that a user can correct them in one go. Never empty.
package struct DiagnosticList: Error, Hashable, Sendable {
    /// In the order they were found.
    package let items: [Diagnostic]

    /// One problem, and those after it.
    package init(_ first: Diagnostic, _ rest: [Diagnostic] = []) {
        items = [first] + rest
    }

    /// The problems in `items`; `nil` if it is empty.
    package init?(_ items: [Diagnostic]) {
        guard !items.isEmpty else { return nil }
        self.items = items
    }
}
