/// Text in lines of a width.
enum Wrapping {
    /// `text` broken where spaces are, but not within backticks: what they hold may be copied.
    ///
    /// - Parameters:
    ///   - first: the width of the first line, in characters.
    ///   - others: the width of the lines after it. A longer word has a line of its own.
    static func lines(_ text: String, first: Int, others: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in words(text, longest: others) {
            let width = lines.isEmpty ? first : others
            if line.isEmpty {
                line = word
            } else if line.count + 1 + word.count <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = word
            }
        }
        return lines + [line]
    }

    /// What stands between spaces; a quotation is one word if it fits a line.
    private static func words(_ text: String, longest: Int) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for part in text.split(separator: " ", omittingEmptySubsequences: false) {
            word += word.isEmpty ? String(part) : " " + part
            if part.count(where: { $0 == "`" }) % 2 == 1 { isQuoted.toggle() }
            guard !isQuoted else { continue }
            words += word.count <= longest ? [word] : word.split(separator: " ").map(String.init)
            word = ""
        }
        if !word.isEmpty { words += word.split(separator: " ").map(String.init) }
        return words
    }
}
