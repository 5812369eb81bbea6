package import Diagnostics

/// What an ignore file leaves out: the rules of Docker's `.dockerignore`, with the answers of `docker build`.
///
/// One pattern a line, the last that applies to a path decides, `!` begins an exception. A pattern that matches a
/// directory applies to everything below it. Names are bytes; where they are UTF-8, `?` and `[…]` stand for characters.
///
/// Docker documentation, Build context § .dockerignore files; Go documentation, path/filepath § Match.
package struct IgnoreRules: Sendable {
    private let rules: [Rule]
    private let hasExceptions: Bool

    private struct Rule: Sendable {
        let pattern: IgnorePattern
        let isException: Bool
    }

    /// No rules: nothing is left out.
    package init() {
        rules = []
        hasExceptions = false
    }

    /// Parses the content of the ignore file `name`.
    ///
    /// - Throws: `ignore.malformed` with the line, for a bad pattern and for a `!` alone.
    package init(parsing bytes: [UInt8], named name: String) throws(Diagnostic) {
        var rules = [Rule]()
        var content = bytes[...]
        if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
        for (index, line) in content.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard let text = IgnoreLine.normalised(line) else { continue }
            do throws(IgnorePattern.Malformed) {
                let isException = text.first == UInt8(ascii: "!")
                let pattern = isException ? text.dropFirst() : text[...]
                guard !pattern.isEmpty else { throw IgnorePattern.Malformed("it is an exception from nothing") }
                rules.append(Rule(pattern: try IgnorePattern(pattern), isException: isException))
            } catch {
                throw Diagnostic(
                    .ignoreMalformed,
                    "`\(String(printing: text.prefix(200)))` is not a pattern",
                    at: .file(path: name, line: index + 1),
                    because: error.reason,
                    hint: "to match `*`, `?`, `[` or `\\` itself, write `\\` before it"
                )
            }
        }
        self.rules = rules
        hasExceptions = rules.contains(where: \.isException)
    }

    package var isEmpty: Bool { rules.isEmpty }

    /// Whether `path`, relative to the ignore file's directory and without `.`, `..`, leading or trailing slash, is
    /// left out. Never true for the directory itself, the empty path.
    package func excludes(_ path: [UInt8]) -> Bool {
        guard !rules.isEmpty else { return false }
        return IgnorePath.withPath(path) { path in
            guard let rule = decidingRule(for: path) else { return false }
            return !rules[rule].isException
        }
    }

    /// Whether `directory`, which is left out, must still be walked because an exception may apply below it.
    package func mayContainIncluded(below directory: [UInt8]) -> Bool {
        IgnorePath.withPath(directory) { directory in
            // What is decided for a directory holds below it, unless a rule after the deciding one matches there.
            guard let decided = decidingRule(for: directory), !rules[decided].isException else { return true }
            return rules[(decided + 1)...].contains { rule in
                rule.isException && rule.pattern.mayMatch(below: directory)
            }
        }
    }
}

// MARK: - Deciding

extension IgnoreRules {
    /// The index of a rule that decides on `path`: the last that applies, or one before it that says the same, with no
    /// exception between them that applies. `nil` if there is none.
    private func decidingRule(for path: IgnorePath) -> Int? {
        guard let first = rules.firstIndex(where: { !$0.isException && $0.pattern.matches(path) }) else { return nil }
        // Exceptions before the first rule that applies have nothing to change, there or above.
        guard hasExceptions else { return first }
        return decidingRule(for: path, first: first)
    }

    /// Docker decides from the top directory down. A rule is looked at only if it would change what the rules before it
    /// say of the directory or file, and once it has matched it applies to everything below. So after `a/b` and `!a`,
    /// `a/b` stays out: for `a` the exception had nothing to change.
    private func decidingRule(for path: IgnorePath, first: Int) -> Int? {
        let depth = path.boundaries.count
        let words = (depth + 63) / 64
        // A row of bits for each rule from the first on: at which boundaries its pattern matches, and in the last word
        // whether it applies.
        let row = words + 1
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: row * (rules.count - first)) { bits in
            bits.initialize(repeating: 0)
            for rule in first..<rules.count {
                let start = row * (rule - first)
                rules[rule].pattern.forEachMatch(in: path) { boundary in
                    bits[start + boundary / 64] |= 1 << (boundary % 64)
                    return true
                }
            }
            var deciding: Int?
            for boundary in 0..<depth {
                deciding = nil
                var isExcluded = false
                for rule in first..<rules.count {
                    let start = row * (rule - first)
                    let isException = rules[rule].isException
                    if bits[start + words] == 0 {
                        let isMatch = bits[start + boundary / 64] & 1 << (boundary % 64) != 0
                        guard isMatch, isException == isExcluded else { continue }
                        bits[start + words] = 1
                    }
                    isExcluded = !isException
                    deciding = rule
                }
            }
            return deciding
        }
    }
}

extension Diagnostic.Code {
    package static let ignoreMalformed = Self("ignore.malformed", .input)
}
