/// A line as a shell would read it: its words, or why it takes a shell to understand it.
enum ShellWords: Hashable {
    case words([String])
    /// What in the line only a shell understands, such as `&&`.
    case needsShell(String)

    /// POSIX, Shell Command Language § Token Recognition: quotes and backslashes keep characters together; operators,
    /// expansions and variables before the command are for a shell.
    init(_ line: String) {
        var words = [String]()
        var word: String?
        var quote: Character?
        var characters = line[...]
        while let character = characters.popFirst() {
            switch (character, quote) {
            case (let end, let open?) where end == open: quote = nil
            case ("$", "\""), ("`", "\""):
                self = .needsShell(Self.expansion(character, characters))
                return
            case ("\\", "\"") where characters.first.map { "\"\\$`".contains($0) } ?? false:
                if let next = characters.popFirst() { word = (word ?? "") + String(next) }
            case (_, _?): word = (word ?? "") + String(character)
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case ("\\", nil):
                if let next = characters.popFirst() { word = (word ?? "") + String(next) }
            case (" ", nil), ("\t", nil):
                if let whole = word { words.append(whole) }
                word = nil
            case ("$", nil), ("`", nil):
                self = .needsShell(Self.expansion(character, characters))
                return
            case ("&", nil), ("|", nil), (";", nil), ("<", nil), (">", nil), ("(", nil), (")", nil), ("\n", nil),
                ("*", nil), ("?", nil):
                let isDoubled = characters.first == character && "&|".contains(character)
                self = .needsShell(
                    isDoubled ? "\(character)\(character)" : character == "\n" ? "line break" : "\(character)"
                )
                return
            case ("~", nil) where word == nil, ("#", nil) where word == nil:
                self = .needsShell("\(character)")
                return
            default: word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else {
            self = .needsShell("quote without an end")
            return
        }
        if let word { words.append(word) }
        self = .words(words)
    }

    private static func expansion(_ first: Character, _ rest: Substring) -> String {
        guard first == "$" else { return "\(first)" }
        return "$" + rest.prefix { $0.isLetter || $0.isNumber || "_{".contains($0) }
    }
}

extension StringProtocol {
    /// Whether it is `NAME=VALUE`, which a shell takes for a variable where a command begins.
    var isAssignment: Bool {
        guard let equals = firstIndex(of: "="), let first, first.isLetter || first == "_" else { return false }
        return self[..<equals].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }
}
