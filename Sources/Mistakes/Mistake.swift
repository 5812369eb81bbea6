package import ArgumentParser
package import Diagnostics
import OCI

/// What is wrong with a command line that ArgumentParser does not take, in the form of all errors.
package struct Mistake {
    private let root: any ParsableCommand.Type
    private let arguments: [String]

    /// For the command line of `root`.
    ///
    /// - Parameter arguments: what follows the program's name.
    package init(of root: any ParsableCommand.Type, _ arguments: [String]) {
        self.root = root
        self.arguments = arguments
    }

    /// The command that does not exist; `nil` if all do. To be asked before parsing: a mistyped command would be an
    /// unexpected argument.
    package var command: Diagnostic? {
        var path: [String] = []
        var command = root
        for word in arguments {
            let commands = command.configuration.subcommands
            guard !commands.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let next = commands.first(where: { $0._commandName == word }) else {
                // Without one of its commands, it is the usual one with its arguments.
                if command.configuration.defaultSubcommand != nil { return nil }
                return Self.unknown(command: word, of: path, commands.map { $0._commandName })
            }
            path.append(word)
            command = next
        }
        return nil
    }

    private static func unknown(command word: String, of path: [String], _ names: [String]) -> Diagnostic {
        let whole = (path + [word]).joined(separator: " ")
        let summary = "there is no command `\(whole)`"
        if path.isEmpty, let known = BorrowedWord.find(word, in: BorrowedWord.commands) {
            return Diagnostic(.usageMalformed, summary, because: known.reason, hint: known.hint)
        }
        let all = (["coracle"] + path + ["--help"]).joined(separator: " ")
        let near = nearest(to: word, names)
        return Diagnostic(
            .usageMalformed,
            summary,
            hint: near.map { "did you mean `\((path + [$0]).joined(separator: " "))`?" }
                ?? "`\(all)` lists the commands"
        )
    }

    /// The error of a parser, for a command line whose commands exist.
    ///
    /// - Parameter message: what ArgumentParser says.
    package func diagnosed(message: String) -> Diagnostic {
        let described = DescribedCommand(of: root, arguments)
        let help = "`\(described.name) --help` shows how it is used"
        if let option = described.firstUnknownOption {
            return Self.unknown(option: option, described)
        }
        var text = message.hasSuffix(".") ? String(message.dropLast()) : message
        text = text.prefix(1).lowercased() + text.dropFirst()
        return Diagnostic(.usageMalformed, text.replacing("'", with: "`"), hint: help)
    }

    private static func unknown(option: String, _ command: DescribedCommand) -> Diagnostic {
        let summary = "`\(command.name)` has no option `\(option)`"
        if let known = BorrowedWord.find(option, in: BorrowedWord.options) {
            return Diagnostic(
                .usageMalformed,
                summary,
                at: .option(option),
                because: known.reason,
                hint: known.hint
            )
        }
        let near = option.hasPrefix("--") ? nearest(to: option, command.options.map(\.name)) : nil
        return Diagnostic(
            .usageMalformed,
            summary,
            at: .option(option),
            hint: near.map { "did you mean `\($0)`?" } ?? "`\(command.name) --help` lists its options"
        )
    }

    private static func nearest(to word: String, _ names: [String]) -> String? {
        names.map { (name: $0, distance: Spelling.distance(word, $0)) }.filter { $0.distance <= 2 }
            .min { $0.distance < $1.distance }?.name
    }
}

/// The command that arguments begin with, and its options: what ArgumentParser describes of itself.
private struct DescribedCommand {
    struct Option {
        /// With its hyphens.
        let name: String
        let takesValue: Bool
    }

    /// As it is typed, from `coracle` on.
    private(set) var name = "coracle"
    private(set) var options: [Option] = []
    private var rest: [String]

    init(of root: any ParsableCommand.Type, _ arguments: [String]) {
        rest = arguments
        // The description is JSON: ArgumentParser's types for it are in a module of its own.
        let description = try? JSON(parsing: Array(root._dumpHelp().utf8), named: "help")
        guard var command = description?["command"] else { return }
        while let word = rest.first, let next = Self.subcommand(word, of: command) {
            name += " \(word)"
            command = next
            rest.removeFirst()
        }
        if let usual = command["defaultSubcommand"]?.stringValue, let next = Self.subcommand(usual, of: command) {
            name += " \(usual)"
            command = next
        }
        for argument in command["arguments"]?.arrayValue ?? [] {
            let takesValue = argument["kind"]?.stringValue == "option"
            for name in argument["names"]?.arrayValue ?? [] {
                guard let text = name["name"]?.stringValue else { continue }
                let hyphens = name["kind"]?.stringValue == "long" ? "--" : "-"
                options.append(Option(name: hyphens + text, takesValue: takesValue))
            }
        }
    }

    private static func subcommand(_ name: String, of command: JSON) -> JSON? {
        command["subcommands"]?.arrayValue?.first { $0["commandName"]?.stringValue == name }
    }

    /// The first word that looks like an option, is not one, and is not an option's value; `nil` if there is none.
    var firstUnknownOption: String? {
        var isValue = false
        for word in rest {
            if isValue {
                isValue = false
                continue
            }
            if word == "--" { return nil }
            guard word.hasPrefix("-"), word != "-" else { continue }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = word.hasPrefix("--") ? String(parts[0]) : String(word.prefix(2))
            guard let option = options.first(where: { $0.name == name }) else { return name }
            isValue = option.takesValue && parts.count == 1 && (word.hasPrefix("--") || word.count == 2)
        }
        return nil
    }
}
