import Diagnostics

/// One problem: what is wrong, where, why, and what to do.
public struct Problem: Hashable, Sendable {
    /// Who has to act. The raw value is the exit status of the command for such a problem.
    public enum Category: Int32, Hashable, Sendable {
        /// A bug in coracle.
        case bug = 1
        /// A malformed recipe, option or reference.
        case usage = 2
        /// An input: a program, a directory, a file that was named.
        case input = 3
        /// Content that is corrupt or not supported.
        case verification = 4
        /// A registry asks for credentials, or for others.
        case authentication = 5
        /// A network or a registry, after all retries.
        case network = 6
        /// An image that does not exist.
        case notFound = 7
        /// This machine: a full disk, a missing permission.
        case localIO = 8
        /// A check refused the image.
        case policy = 9
        /// The task was cancelled.
        case cancelled = 130
    }

    /// A stable name of the kind of problem, such as `run.version-missing`.
    public let code: String
    /// Who has to act.
    public let category: Category
    /// What is wrong, in one line.
    public let summary: String
    /// The file, image, blob or option that the problem is about; `nil` if there is none.
    public let place: String?
    /// Why it is wrong; `nil` if the summary says it.
    public let reason: String?
    /// What to do; `nil` if there is nothing to suggest.
    public let hint: String?

    init(_ diagnostic: Diagnostic) {
        code = diagnostic.code.rawValue
        category = Category(rawValue: diagnostic.code.category.rawValue) ?? .bug
        summary = diagnostic.summary
        place = diagnostic.subject?.description
        reason = diagnostic.reason
        hint = diagnostic.hint
    }

    static func unexpected(_ error: any Error) -> Problem {
        Problem(Diagnostic(Diagnostic.Code("bug", .bug), "unexpected error: \(error)"))
    }
}

extension Problem: CustomStringConvertible {
    /// One line for each part that the problem has, as the command prints it.
    public var description: String {
        let parts = [("at", place), ("because", reason), ("hint", hint)]
        let lines = parts.compactMap { label, text in text.map { "  \(label): \($0)" } }
        return (["error[\(code)]: \(summary)"] + lines).joined(separator: "\n")
    }
}
