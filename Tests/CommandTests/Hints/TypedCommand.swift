/// A command line as people type it, for changing one of its options.
struct TypedCommand: CustomStringConvertible {
    /// NAME=VALUE before the command.
    private(set) var environment: [String: String] = [:]
    /// Without the name of the program.
    private(set) var words: [String]

    /// Options that may be given several times: another one does not replace the first.
    private static let repeatable: Set<String> = [
        "--add", "--env", "-e", "--label", "-l", "--annotation", "-a", "--allow", "--volume", "--expose", "--mkdir",
        "--symlink", "--write", "--add-from", "--ca", "--ca-only", "--ca-cert", "--insecure-registry", "--tag", "-t",
        "--cmd", "--mirror",
        "--bases", "--only", "--cache-from",
    ]
    private static let spellings = [
        "--output": "-o", "--tag": "-t", "--user": "-u", "--base": "-b", "--env": "-e", "--workdir": "-w",
        "--jobs": "-j", "--file": "-f", "--label": "-l", "--username": "-u",
    ]

    init(_ text: String) {
        var words = Self.split(text)
        while let first = words.first, let equals = first.firstIndex(of: "="), !first.hasPrefix("-") {
            environment[String(first[..<equals])] = String(first[first.index(after: equals)...])
            words.removeFirst()
        }
        if words.first == "coracle" { words.removeFirst() }
        self.words = words
    }

    var description: String {
        (environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } + ["coracle"] + words)
            .joined(separator: " ")
    }

    /// Adds options with their values; what may be given only once is replaced.
    mutating func add(_ option: String) {
        let added = Self.split(option)
        for (index, name) in added.enumerated() where name.hasPrefix("-") && !Self.repeatable.contains(name) {
            let hasValue = index + 1 < added.count && !added[index + 1].hasPrefix("-")
            leaveOut(name, hasValue: hasValue)
        }
        words += added
    }

    /// Takes an option away.
    ///
    /// - Returns: whether it was there.
    @discardableResult
    mutating func leaveOut(_ option: String, hasValue: Bool) -> Bool {
        let names = Set([option] + Self.spellings.flatMap { $0 == option ? [$1] : $1 == option ? [$0] : [] })
        var isFound = false
        while let index = words.firstIndex(where: { names.contains($0) }) {
            words.removeSubrange(index..<min(words.count, index + (hasValue ? 2 : 1)))
            isFound = true
        }
        return isFound
    }

    /// The words of `text`, in the shell's quoting.
    static func split(_ text: String) -> [String] {
        var words = [String]()
        var word: String?
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
