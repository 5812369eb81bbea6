package import Findings
import Layers

/// What a user says about the checks of an image.
package struct GateOptions: Hashable, Encodable, Sendable {
    /// Rules that refuse nothing: what breaks them is recorded in the image.
    package var allowed: Set<Rule> = []
    /// What else is allowed: of one rule only what is found in one place, or about one library.
    package var allowances: [Allowance] = []
    package var refusesNothing = false

    /// Everything is checked, and nothing excused.
    package init() {}

    /// Everything is reported, and nothing is refused.
    package static var refusingNothing: GateOptions {
        var options = GateOptions()
        options.refusesNothing = true
        return options
    }

    /// Whether the user allows what was found: all of it, if it is in several files.
    package func allows(_ finding: Finding) -> Bool {
        if allowed.contains(finding.rule) { return true }
        let allowances = allowances.filter { $0.rule == finding.rule }
        guard !allowances.isEmpty else { return false }
        if let subject = finding.subject, allowances.contains(where: { $0.name == subject }) { return true }
        let places = finding.places.isEmpty ? [finding.path].compactMap(\.self) : finding.places
        return !places.isEmpty && places.allSatisfy { place in allowances.contains { $0.covers(place) } }
    }
}

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
