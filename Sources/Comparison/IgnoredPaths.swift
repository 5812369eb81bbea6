package import Diagnostics
import Layers
import SourceTree

/// Paths whose files do not count as different, by the patterns of ignore files.
package struct IgnoredPaths: Sendable {
    /// As they were given.
    package let patterns: [String]
    private let rules: IgnoreRules

    /// None.
    package init() { (patterns, rules) = ([], IgnoreRules()) }

    /// - Throws: `ignore.malformed`.
    package init(_ patterns: [String]) throws(Diagnostic) {
        self.patterns = patterns
        rules = try IgnoreRules(parsing: Array(patterns.joined(separator: "\n").utf8), named: "--ignore-path")
    }

    /// Whether there are no patterns.
    package var isEmpty: Bool { rules.isEmpty }

    func contains(_ path: EntryPath) -> Bool { !rules.isEmpty && rules.excludes(path.bytes) }
}
