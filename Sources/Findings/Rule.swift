/// One thing that checks look for: a name that scripts and `--allow` know it by, and how bad it usually is.
///
/// Each is declared in the file of its family, beside what checks it, and has its section in `Documentation/rules.md`.
package struct Rule: Hashable, Sendable {
    /// How bad it is to find something.
    package enum Severity: Int, Hashable, Comparable, Sendable {
        /// Worth knowing.
        case note
        /// Likely a mistake; nothing is refused for it.
        case warning
        /// The image cannot run or must not be shipped: what makes or checks it refuses.
        case error

        /// Whether `left` is less bad.
        package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    /// Words with hyphens, what it is about before the dot, such as `run.loader-missing`.
    package let code: String
    /// How bad it is to break it.
    package let severity: Severity
    /// What is wrong where it is found, in one line.
    package let title: String

    package init(_ code: String, _ severity: Severity, _ title: String) {
        self.code = code
        self.severity = severity
        self.title = title
    }
}
