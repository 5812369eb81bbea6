/// An import that is executed whenever its module is: it stands at the start of a line, or where what fails there is raised
/// again.
package struct ImportStatement: Hashable, Sendable {
    /// The number of dots before the name: 0 for an absolute import.
    package let level: Int
    /// `a`, `b` of `import a.b`; empty for `from . import x`.
    package let module: [String]
    /// What is imported of it; these may be modules, too.
    package let names: [String]

    /// The certain imports in the source `text`, in order.
    ///
    /// - Parameter isMain: whether what stands below `if __name__ == "__main__"` is executed.
    package static func certain(in text: String, isMain: Bool = false) -> [ImportStatement] {
        var lines = logicalLines(text)[...]
        return block(&lines, indent: 0, isMain: isMain)
    }

    /// A statement over several lines is read up to so many bytes.
    private static let longest = 65536

    private struct Line {
        let indent: Int
        let text: Substring
    }

    /// The lines without comments and texts over several lines; what goes on in the next line is one.
    private static func logicalLines(_ text: String) -> [Line] {
        var lines = [Line]()
        var quote: String?
        var pending = ""
        var pendingIndent = 0
        // Whether a list in parentheses goes on.
        var isOpen = false
        for raw in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let mark = quote {
                if raw.contains(mark) { quote = nil }
                continue
            }
            let indent = raw.prefix { $0 == " " || $0 == "\t" }.count
            var line = raw.dropFirst(indent)
            if line.hasSuffix("\r") { line = line.dropLast() }
            for mark in ["\"\"\"", "'''"] where quote == nil {
                if line.components(of: mark) % 2 == 1 { quote = mark }
            }
            if quote != nil { continue }
            if let hash = line.firstIndex(of: "#"), !line[..<hash].contains("\""), !line[..<hash].contains("'") {
                line = line[..<hash]
            }
            let isFirst = pending.isEmpty && !isOpen
            if isFirst { pendingIndent = indent }
            let isImport = !isFirst || line.hasPrefix("import ") || line.hasPrefix("from ")
            guard isImport else {
                if !line.allSatisfy({ $0 == " " || $0 == "\t" }) { lines.append(Line(indent: indent, text: line)) }
                continue
            }
            pending += line
            if line.contains("(") { isOpen = true }
            if line.contains(")") { isOpen = false }
            let goesOn = line.hasSuffix("\\")
            if goesOn { pending.removeLast() }
            if goesOn || isOpen, pending.utf8.count < longest { continue }
            isOpen = false
            lines.append(Line(indent: pendingIndent, text: Substring(pending)))
            pending = ""
        }
        return lines
    }

    /// The certain imports of the lines from the first on that have this indent or more.
    private static func block(_ lines: inout ArraySlice<Line>, indent: Int, isMain: Bool) -> [ImportStatement] {
        var found = [ImportStatement]()
        while let line = lines.first, line.indent >= indent {
            lines.removeFirst()
            guard line.indent == indent else { continue }
            if line.text.hasPrefix("try:") {
                found += attempt(&lines, indent: indent)
            } else if isMain, line.text.hasPrefix("if __name__") {
                found += body(&lines, below: indent)
            } else if line.text.hasPrefix("if __"), line.text.hasSuffix("_SETUP__:") {
                // Only the package's own build sets the flag, as numpy's and scikit-learn's do.
                lines = lines.drop { $0.indent > indent }
                guard let next = lines.first, next.indent == indent, next.text.hasPrefix("else:") else { continue }
                lines.removeFirst()
                found += body(&lines, below: indent)
            } else {
                found += statement(line.text)
            }
        }
        return found
    }

    private static func body(_ lines: inout ArraySlice<Line>, below indent: Int) -> [ImportStatement] {
        guard let first = lines.first, first.indent > indent else { return [] }
        return block(&lines, indent: first.indent, isMain: false)
    }

    /// What is tried counts if each failure is raised again.
    private static func attempt(_ lines: inout ArraySlice<Line>, indent: Int) -> [ImportStatement] {
        let tried = body(&lines, below: indent)
        var areAllRaised = true
        while let line = lines.first, line.indent == indent,
            ["except", "else:", "finally:"].contains(where: { line.text.hasPrefix($0) })
        {
            lines.removeFirst()
            var raises = !line.text.hasPrefix("except")
            while let next = lines.first, next.indent > indent {
                if next.text.hasPrefix("raise") { raises = true }
                lines.removeFirst()
            }
            if !raises { areAllRaised = false }
        }
        return areAllRaised ? tried : []
    }

    private static func statement(_ text: Substring) -> [ImportStatement] {
        guard text.hasPrefix("import ") || text.hasPrefix("from ") else { return [] }
        // What stands behind an import in its line is executed, too.
        return text.split(separator: ";").flatMap { single($0.drop { $0 == " " || $0 == "\t" }) }
    }

    private static func single(_ line: Substring) -> [ImportStatement] {
        if line.hasPrefix("import ") {
            return names(line.dropFirst("import ".count)).map {
                ImportStatement(level: 0, module: $0.split(separator: ".").map(String.init), names: [])
            }
        }
        guard line.hasPrefix("from ") else { return [] }
        let words = line.dropFirst("from ".count)
        guard let range = keyword(in: words) else { return [] }
        let source = words[..<range.lowerBound].filter { $0 != " " && $0 != "\t" }
        let level = source.prefix { $0 == "." }.count
        let rest = words[range.upperBound...].filter { $0 != "(" && $0 != ")" }
        return [
            ImportStatement(
                level: level,
                module: source.dropFirst(level).split(separator: ".").map(String.init),
                names: names(Substring(rest))
            )
        ]
    }

    /// Where the word `import` stands, and not the beginning of a name such as `importlib`.
    private static func keyword(in words: Substring) -> Range<Substring.Index>? {
        var rest = words
        while let range = rest.firstRange(of: "import") {
            let before = words[..<range.lowerBound].last
            let after = words[range.upperBound...].first
            let isBegun = before.map { " \t.".contains($0) } ?? false
            if isBegun, after.map({ " \t(*".contains($0) }) ?? true { return range }
            rest = words[range.upperBound...]
        }
        return nil
    }

    /// The names between commas, without what they are called here.
    private static func names(_ text: Substring) -> [String] {
        text.split(separator: ",").compactMap { part in part.split { $0 == " " || $0 == "\t" }.first.map(String.init) }
    }
}

extension Substring {
    /// How often `mark` stands in it.
    fileprivate func components(of mark: String) -> Int {
        var (count, rest) = (0, self)
        while let range = rest.firstRange(of: mark) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
