package import Diagnostics
import OCI

/// The manual pages of a program, one for each command, from what ArgumentParser says of it
/// (`--experimental-dump-help`).
///
/// man(7), in ASCII: what mandoc and groff both read without a remark.
package struct ManualPages {
    /// A page, such as `coracle-build.1`.
    package struct Page {
        package let name: String
        package let text: String
    }

    private let root: Command
    private let version: String
    private let date: String

    /// - Parameters:
    ///   - help: the document that ArgumentParser prints.
    ///   - date: `YYYY-MM-DD`.
    /// - Throws: `json.unexpected`, `json.…`.
    package init(_ help: [UInt8], version: String, date: String) throws(Diagnostic) {
        let name = "the program's help"
        let json = JSONReader(try JSON(parsing: help, named: name), named: name)
        root = try Command(try json.member("command"), below: nil)
        (self.version, self.date) = (version, date)
    }

    package var pages: [Page] { root.all.map { Page(name: "\($0.pageName).1", text: text($0)) } }

    /// One command, as the parser describes it.
    private struct Command {
        let name: String
        /// As it is typed: `coracle base lock`.
        let words: String
        let abstract: String
        let examples: [String]
        let paragraphs: [[String]]
        let arguments: [Argument]
        let commands: [Command]

        init(_ json: JSONReader, below parent: String?) throws(Diagnostic) {
            name = try json.member("commandName").string()
            let words = parent.map { "\($0) " } ?? ""
            self.words = words + name
            abstract = try json.optional("abstract")?.string() ?? ""
            var blocks = [[String]]()
            for line in (try json.optional("discussion")?.string() ?? "").split(
                separator: "\n",
                omittingEmptySubsequences: false
            ) {
                if line.isEmpty || blocks.isEmpty { blocks.append([]) }
                if !line.isEmpty { blocks[blocks.count - 1].append(String(line)) }
            }
            let isExample = { (block: [String]) in block.first == "EXAMPLES:" }
            examples =
                blocks.first(where: isExample).map { $0.dropFirst().map { String($0.trimmingPrefix("  ")) } } ?? []
            paragraphs = blocks.filter { !$0.isEmpty && !isExample($0) }
            arguments = try (json.optional("arguments")?.array() ?? []).map { entry throws(Diagnostic) in
                try Argument(entry)
            }.filter(\.isShown)
            let own = words + name
            commands = try (json.optional("subcommands")?.array() ?? []).map { entry throws(Diagnostic) in
                try Command(entry, below: own)
            }.filter { $0.name != "help" }
        }

        var pageName: String { words.replacing(" ", with: "-") }

        /// The command and those below it.
        var all: [Command] { [self] + commands.flatMap(\.all) }
    }

    /// An argument or an option.
    private struct Argument {
        let names: [String]
        let valueName: String?
        let abstract: String
        let section: String
        let isOptional: Bool
        let isRepeating: Bool
        let isPositional: Bool
        let isShown: Bool

        init(_ json: JSONReader) throws(Diagnostic) {
            let kind = try json.member("kind").string()
            isPositional = kind == "positional"
            names = try (json.optional("names")?.array() ?? []).map { name throws(Diagnostic) in
                let text = try name.member("name").string()
                return try name.member("kind").string() == "long" ? "--\(text)" : "-\(text)"
            }
            valueName = kind == "flag" ? nil : try json.optional("valueName")?.string()
            abstract = try json.optional("abstract")?.string() ?? ""
            section = try json.optional("sectionTitle")?.string() ?? "Options"
            isOptional = try json.member("isOptional").bool()
            isRepeating = try json.member("isRepeating").bool()
            isShown = try json.member("shouldDisplay").bool()
        }

        /// `<path> ...`, in brackets if it can be left out.
        var synopsis: String {
            let text = "<\(valueName ?? "value")>" + (isRepeating ? " ..." : "")
            return isOptional ? "[\(text)]" : text
        }
    }

    // MARK: Text

    private func text(_ command: Command) -> String {
        let title = command.pageName.uppercased()
        var lines = [
            ".\\\" Made by coracle-dist from the help of the program.",
            ".TH \(title.asArgument) 1 \(date.asArgument) \("coracle \(version)".asArgument) \("coracle".asArgument)",
            ".SH NAME",
            "\(command.pageName.inRoff) \\-\n\(command.abstract.asParagraph)",
            ".SH SYNOPSIS",
        ]
        let parts = command.arguments.filter(\.isPositional).map(\.synopsis)
        let rest = (command.commands.isEmpty ? parts : ["<command>"] + parts) + ["[<options>]"]
        lines.append("\\fB\(command.words.inRoff)\\fR \(rest.joined(separator: " ").inRoff)")
        lines += [".SH DESCRIPTION", (command.abstract.isEmpty ? command.words : command.abstract).asParagraph]
        for paragraph in command.paragraphs {
            lines.append(".PP")
            let isLiteral = paragraph.contains { $0.hasPrefix("  ") }
            lines +=
                isLiteral ? [".nf"] + paragraph.map(\.asLine) + [".fi"] : [paragraph.joined(separator: " ").asParagraph]
        }
        if !command.commands.isEmpty {
            lines.append(".SH COMMANDS")
            for below in command.commands {
                lines += [".TP", "\\fB\(below.words.inRoff)\\fR", below.abstract.asParagraph]
            }
        }
        let positional = command.arguments.filter(\.isPositional)
        if !positional.isEmpty { lines.append(".SH ARGUMENTS") }
        for argument in positional {
            lines += [".TP", "\\fI\((argument.valueName ?? "value").inRoff)\\fR", argument.abstract.asParagraph]
        }
        lines += options(command.arguments.filter { !$0.isPositional })
        if !command.examples.isEmpty {
            lines += [".SH EXAMPLES", ".nf"] + command.examples.map(\.asLine) + [".fi"]
        }
        lines += Self.exitStatus + seeAlso(command)
        return lines.joined(separator: "\n") + "\n"
    }

    private func options(_ options: [Argument]) -> [String] {
        var sections = [String]()
        for option in options where !sections.contains(option.section) { sections.append(option.section) }
        var lines = options.isEmpty ? [] : [".SH OPTIONS"]
        for section in sections {
            if sections.count > 1 { lines.append(".SS \(section.inRoff)") }
            for option in options where option.section == section {
                let names = option.names.map { "\\fB\($0.inRoff)\\fR" }.joined(separator: ", ")
                let value = option.valueName.map { " \\fI\($0.inRoff)\\fR" } ?? ""
                lines += [".TP", names + value, option.abstract.asParagraph]
            }
        }
        return lines
    }

    private static let exitStatus: [String] = {
        let codes = [
            "done", "a bug of coracle", "wrong usage", "wrong input", "what was fetched or checked is not what it says",
            "a registry refused the credentials", "network or registry", "not found", "a problem of this machine",
            "a check refused",
        ]
        return [".SH EXIT STATUS"] + codes.enumerated().flatMap { [".TP", "\($0.offset)", $0.element.asLine] }
    }()

    private func seeAlso(_ command: Command) -> [String] {
        let others =
            command.words == root.words
            ? root.commands.map(\.pageName) : [root.pageName] + command.commands.map(\.pageName)
        let lines = others.enumerated().map { place, name in
            ".BR \(name.inRoff) (1)" + (place + 1 < others.count ? " ," : "")
        }
        return others.isEmpty ? [] : [".SH SEE ALSO"] + lines.map { $0.replacing(" (1) ,", with: " (1),") }
    }
}

extension String {
    /// Every character as itself, in ASCII.
    fileprivate var inRoff: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\\": text += "\\e"
            case "-": text += "\\-"
            case "'": text += "\\(aq"
            case "`": text += "\\(ga"
            case "^": text += "\\(ha"
            case "~": text += "\\(ti"
            case "\t", "\n", "\r": text += " "
            // Terminals without Unicode have no such character.
            case "…": text += "..."
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: continue
            case _ where scalar.value < 0x80: text.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                text += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
            }
        }
        return text
    }

    /// A line of text, never taken for a request, whatever it begins with.
    fileprivate var asLine: String {
        let text = inRoff
        return text.hasPrefix(".") || text.hasPrefix("\\(aq") ? "\\&" + text : text
    }

    /// The same in lines of at most 78 bytes, as far as it has spaces; one without text would be an empty paragraph.
    fileprivate var asParagraph: String {
        guard !isEmpty else { return "\\&" }
        var lines = [""]
        for word in split(separator: " ").map({ String($0).asLine }) {
            let last = lines[lines.count - 1]
            // A word is a line's beginning or not: what makes it text does no harm in the middle.
            if last.isEmpty {
                lines[lines.count - 1] = word
            } else if last.utf8.count + 1 + word.utf8.count <= 78 {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(word)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The argument of a macro.
    fileprivate var asArgument: String { "\"\(replacing("\"", with: ""))\"" }
}
