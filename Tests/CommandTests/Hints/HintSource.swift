import TestSupport

/// The texts in Sources that say to type something: literals with a command or an option in backticks.
///
/// This is a reading of Swift that is good enough for this repository: strings, interpolations, comments, and the labels
/// of the arguments that a literal stands in.
struct HintSource {
    /// A literal, with `…` for each interpolation.
    struct Template: Hashable, Sendable {
        let file: String
        let text: String
    }

    /// Labels of arguments that are not hints.
    private static let others: Set<String> = [
        "because", "reason", "evidence", "help", "abstract", "discussion", "usage", "valueName", "note", "doing",
        "named",
        "summary",
    ]
    /// What takes a code and a summary first.
    private static let reports: Set<String> = ["Diagnostic", "Finding", "Rule"]

    /// What takes a name, a place and a help text first.
    private static let flags: Set<String> = ["text", "number", "flag", "each", "all"]

    static func templates() throws -> [Template] {
        let sources = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Sources"
        let files = try Command("find", [sources, "-name", "*.swift"]).output().split(separator: "\n").sorted()
        return try files.flatMap { file in
            let name = String(file.dropFirst(sources.count + 1))
            var reader = Reader(Array(String(decoding: try readFile(String(file)), as: UTF8.self)))
            reader.read()
            return reader.literals.filter(isProposal).map { Template(file: name, text: $0) }
        }
    }

    /// Whether a command or an option of coracle stands in backticks in `text`.
    private static func isProposal(_ text: String) -> Bool {
        !Proposal.all(in: text).isEmpty
    }

    /// Whether a template could have given a printed hint.
    static func matches(_ template: Template, _ hint: String) -> Bool {
        var rest = hint[...]
        for part in template.text.split(separator: "…", omittingEmptySubsequences: true) {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }

    /// Reads literals in one pass.
    private struct Reader {
        private struct Level {
            var callee: String
            var label = ""
            var index = 0
        }

        private let text: [Character]
        private var at = 0
        private var levels: [Level] = []
        /// The last word before where the reader is.
        private var word = ""
        var literals: [String] = []

        init(_ text: [Character]) { self.text = text }

        mutating func read(until end: Character? = nil) {
            let depth = levels.count
            while at < text.count {
                let character = text[at]
                if let end, character == end, levels.count == depth { return }
                switch character {
                case "/" where next("//"):
                    while at < text.count, text[at] != "\n" { at += 1 }
                    continue
                case "#" where next("#\""), "\"":
                    let isHint = isHint
                    let literal = string()
                    if isHint { literals.append(literal) }
                    word = ""
                    continue
                case "(", "[", "{":
                    levels.append(Level(callee: character == "(" ? word : ""))
                    word = ""
                case ")", "]", "}":
                    _ = levels.popLast()
                    word = ""
                case ",":
                    if !levels.isEmpty {
                        levels[levels.count - 1].index += 1
                        levels[levels.count - 1].label = ""
                    }
                    word = ""
                case ":":
                    if !levels.isEmpty, !word.isEmpty, levels[levels.count - 1].label.isEmpty {
                        levels[levels.count - 1].label = word
                    }
                    word = ""
                case _ where character.isLetter || character.isNumber || character == "_":
                    if at > 0, !(text[at - 1].isLetter || text[at - 1].isNumber || text[at - 1] == "_") { word = "" }
                    word.append(character)
                default: break
                }
                at += 1
            }
        }

        /// Whether a literal here may be a hint: it is not the value of a label of `others`, nor a summary.
        private var isHint: Bool {
            !levels.contains { level in
                let isUnlabelled = level.label.isEmpty
                return others.contains(level.label) || level.callee == "ArgumentHelp"
                    || (reports.contains(level.callee) && isUnlabelled && level.index == 1)
                    || (flags.contains(level.callee) && isUnlabelled && level.index == 2)
            }
        }

        private func next(_ words: String) -> Bool {
            let end = at + words.count
            return end <= text.count && String(text[at..<end]) == words
        }

        /// The literal that begins here, without its escapes; interpolations become `…`, and are read as code.
        private mutating func string() -> String {
            let isRaw = text[at] == "#"
            if isRaw { at += 1 }
            let isLong = next("\"\"\"")
            at += isLong ? 3 : 1
            let end = (isLong ? "\"\"\"" : "\"") + (isRaw ? "#" : "")
            var literal = ""
            while at < text.count, !next(end) {
                let character = text[at]
                if !isRaw, character == "\\", at + 1 < text.count {
                    if text[at + 1] == "(" {
                        at += 2
                        read(until: ")")
                        literal.append("…")
                    } else if text[at + 1] == "\n" {
                        at += 1
                        while at + 1 < text.count, text[at + 1].isWhitespace { at += 1 }
                    } else {
                        literal.append(text[at + 1])
                        at += 1
                    }
                } else {
                    literal.append(character)
                }
                at += 1
            }
            at += end.count
            return literal
        }
    }
}
