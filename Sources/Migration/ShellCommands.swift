import Dockerfiles

/// The commands of a `RUN`, as far as they can be seen without a shell.
struct ShellCommands {
    struct Command: Hashable {
        /// Without quotes, and with the values of the variables that are known.
        var words: [String] = []
        /// As it is written, on one line.
        var text = ""
        /// The text for a comment: blanks are one blank, and its end is left out where it is long.
        var shown: String {
            let line = text.split { " \t\n".contains($0) }.joined(separator: " ")
            return line.count > 120 ? line.prefix(117) + "…" : line
        }

        /// What in it only a shell can do, such as `>`; `nil` if its words say all.
        var shellPart: String?

        /// Without variables that are set for this command only, and without `sudo` and `exec`.
        var program: ArraySlice<String> { words.drop { Self.isPrefix($0) } }

        /// `NAME=VALUE` before the program.
        var assignments: [(name: String, value: String)] {
            words.prefix { Self.isPrefix($0) }.compactMap { word in
                guard let equals = word.firstIndex(of: "=") else { return nil }
                return (String(word[..<equals]), String(word[word.index(after: equals)...]))
            }
        }

        private static func isPrefix(_ word: String) -> Bool {
            if ["sudo", "exec", "env", "time"].contains(word) { return true }
            guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
            return word[..<equals].utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
            }
        }
    }

    /// Words that begin or end a part of a shell's program.
    private static let keywords: Set<String> = [
        "if", "then", "else", "elif", "fi", "for", "do", "done", "while", "until", "case", "esac", "{", "}", "!",
    ]

    private(set) var commands: [Command] = []
    private var command = Command()
    private var word: String?
    private let variables: [String: String]

    /// POSIX, Shell Command Language § Token Recognition.
    ///
    /// - Parameter variables: by name; of others the text stays.
    init(_ line: String, _ variables: [String: String]) {
        self.variables = variables
        var characters = line[...]
        var quote: Character?
        while let character = characters.popFirst() {
            if character != "\n" { command.text.append(character) }
            switch (character, quote) {
            case (let end, let open?) where end == open: quote = nil
            case ("\\", "\"") where characters.first.map { "\"\\$`".contains($0) } ?? false, ("\\", nil):
                guard let next = characters.popFirst() else { break }
                command.text.append(next)
                word = (word ?? "") + String(next)
            case ("$", let open) where open != "'": expand(&characters)
            case ("`", let open) where open != "'":
                command.shellPart = "`"
                word = (word ?? "") + "`"
            case (_, _?): word = (word ?? "") + String(character)
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case (" ", nil), ("\t", nil): endWord()
            case ("#", nil) where word == nil:
                command.text.removeLast()
                characters = characters.drop { $0 != "\n" }
            case ("&", nil), ("|", nil), (";", nil), ("\n", nil), ("\r\n", nil):
                if character != "\n" { command.text.removeLast() }
                let isPipe = character == "|" && characters.first != "|"
                while let next = characters.first, "&|;".contains(next) { characters.removeFirst() }
                endCommand(isPipe ? "|" : nil)
                if isPipe { command.shellPart = "|" }
            case ("<", nil), (">", nil), ("(", nil), (")", nil):
                command.shellPart = "\(character)"
                endWord()
            default: word = (word ?? "") + String(character)
            }
        }
        endCommand(nil)
    }

    private mutating func endWord() {
        if let word { command.words.append(word) }
        word = nil
    }

    private mutating func endCommand(_ part: String?) {
        endWord()
        command.shellPart = command.shellPart ?? part
        if let first = command.words.first, Self.keywords.contains(first) { command.shellPart = first }
        command.text = String(command.text.drop { $0 == " " || $0 == "\t" })
        while let last = command.text.last, last == " " || last == "\t" { command.text.removeLast() }
        if !command.words.isEmpty { commands.append(command) }
        command = Command()
    }

    private mutating func expand(_ rest: inout Substring) {
        let isBraced = rest.first == "{"
        let start = rest
        if isBraced { rest.removeFirst() }
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let after = rest[name.endIndex...]
        guard !name.isEmpty, !isBraced || after.first == "}" else {
            // `$(…)`, `${A:-…}` and the like.
            rest = start
            if rest.first == "(" || isBraced { command.shellPart = "$" + rest.prefix(1) }
            word = (word ?? "") + "$"
            return
        }
        rest = isBraced ? after.dropFirst() : after
        let written = "$" + (isBraced ? "{\(name)}" : name)
        command.text += written.dropFirst()
        word = (word ?? "") + (variables[String(name)] ?? written)
    }
}

extension ShellCommands {
    /// A command of a `RUN`, and where it runs.
    struct Placed {
        let command: Command
        /// The same with placeholders for what a builder is given.
        let placeholders: Command
        let directory: String
    }

    /// The commands of `RUN line`, or of the documents that it has instead, begun in `directory`: `cd` moves those behind it.
    static func placed(
        _ line: String,
        _ documents: [DockerfileDocument],
        _ variables: StageVariables,
        in directory: String
    ) -> [Placed] {
        let scripts = documents.isEmpty ? [line] : documents.map { $0.lines.joined(separator: "\n") }
        return scripts.flatMap { script in
            let plain = ShellCommands(script, variables.values).commands
            let marked = ShellCommands(script, variables.placeholders).commands
            var here = directory
            return zip(plain, marked).map { command, marked in
                let words = Array(command.program)
                if words.first == "cd", words.count == 2 { here = ImagePath.absolute(words[1], in: here) }
                return Placed(command: command, placeholders: marked, directory: here)
            }
        }
    }
}
