package import Findings
import Layers

/// One thing that a user allows, where the whole rule would be too much: `run.library-missing=libpq.so.5`.
package struct Allowance: Hashable, Encodable, Sendable {
    package let rule: Rule
    /// The name of a library, or the absolute path of a file or of a directory with all that is in it.
    package let name: String

    package init(_ rule: Rule, _ name: String) {
        self.rule = rule
        self.name = name
    }

    func covers(_ path: EntryPath) -> Bool {
        name.hasPrefix("/") && EntryPath(normalizing: name).contains(path)
    }
}
