import TestSupport
import Testing

@testable import CoracleCLI

@Suite("The help")
struct HelpTests {
    /// What `coracle COMMAND --help` prints, in a terminal of 80 columns.
    static func help(_ command: String) throws -> String {
        let words = command.split(separator: " ").map(String.init)
        return try Built.coracle(words + ["--help"], environment: ["COLUMNS": "80"]).output()
    }

    /// All commands, as they are typed after `coracle`; the empty one is `coracle` itself.
    static func commands() throws -> [String] {
        func listed(_ help: String) -> [String] {
            let lists = help.split(separator: "OPTIONS:").last ?? ""
            return lists.matches(of: #/(?m)^ {2}([a-z]+) {2,}[A-Z]/#).map { String($0.1) }
        }
        let first = try listed(help(""))
        var all = [""] + first
        for command in ["base", "cache", "key", "sbom"] { all += try listed(help(command)).map { "\(command) \($0)" } }
        return all
    }

    /// The examples in a help, without what is said beside them.
    static func examples(in help: String) -> [String] {
        let rest = help.split(separator: "EXAMPLES:\n").last ?? ""
        return rest.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("  ") }.map {
            $0.dropFirst(2).split(separator: "   ")[0].trimming()
        }
    }

    /// Options in `text` that the command it names does not have.
    static func unknownOptions(in text: String, _ helps: [String: String]) -> [String] {
        guard let start = text.ranges(of: "coracle ").first?.upperBound else { return [] }
        let words = text[start...].split { " )`".contains($0) }.map(String.init)
        let command = words.indices.reversed().lazy.map { words[...$0].joined(separator: " ") }.first {
            helps[$0] != nil
        }
        guard let command, let help = helps[command] else { return ["coracle \(text[start...])"] }
        // A quoted value may have anything in it.
        let outside = text[start...].split(separator: "'", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 0 }.map { String($0.element) }.joined(separator: " ")
        let options = outside.matches(of: #/(?:^|\s)(--?[a-z][a-z-]*)/#).map { String($0.1) }
        return options.filter { option in
            !help.contains(" \(option),") && !help.contains(" \(option) ") && !help.contains(" \(option)\n")
        }
    }

    @Test("every command is found, in groups of what people do")
    func groups() throws {
        let help = try Self.help("")
        for group in ["BUILD:", "CHECK:", "LOOK:", "MOVE:", "SIGN:", "DAY TWO:", "DEPLOY:", "KEEP:"] {
            #expect(help.contains("\n\(group)\n"))
        }
        let commands = try Self.commands()
        #expect(commands.count >= 30, "\(commands)")
        #expect(commands.contains("base lock") && commands.contains("cache prune") && commands.contains("tags"))
    }

    @Test("the options of `build` stand under headings")
    func headings() throws {
        let help = try Self.help("build")
        let headings = help.matches(of: #/(?m)^([A-Z ]+):$/#).map { String($0.1) }
        #expect(
            headings == [
                "EXAMPLES", "ARGUMENTS", "OUTPUT", "FILES", "RUNTIME FILES", "CONFIGURATION", "LAYERS", "CHECKS",
                "DATES", "SPEED", "SIGNATURES", "MANY IMAGES", "BASES", "REGISTRIES", "FOR OTHER PROGRAMS", "OPTIONS",
            ]
        )
    }

    @Test("every help fits 80 columns")
    func width() throws {
        for command in try Self.commands() {
            let long = try Self.help(command).split(separator: "\n").map(String.init).filter { $0.count > 80 }
            #expect(long.isEmpty, "\(command): \(long)")
        }
    }

    @Test("every command has three examples, with options that exist")
    func examples() throws {
        let helps = Dictionary(uniqueKeysWithValues: try Self.commands().map { ($0, try Self.help($0)) })
        for (command, help) in helps {
            let examples = Self.examples(in: help)
            #expect(examples.count >= 3, "\(command): \(examples)")
            for example in examples {
                #expect(example.contains("coracle "), "\(command): \(example)")
                #expect(Self.unknownOptions(in: example, helps) == [], "\(command): \(example)")
            }
        }
    }

    @Test("no example is a mistake in itself: without files and a network it fails because these are missing")
    func parses() throws {
        let place = try TemporaryDirectory()
        // An example names this directory, and one that is not there is a mistake in itself.
        _ = try place.directory("packages")
        for command in try Self.commands() where !["login", "logout", "key generate"].contains(command) {
            let help = try Self.help(command)
            for example in Self.examples(in: help) where example.hasPrefix("coracle ") && !example.contains("/var/") {
                let offline = help.contains(" --offline ") ? " --offline" : ""
                let line = #"CORACLE_CACHE="$2" exec "$1" "# + example.dropFirst("coracle ".count) + offline
                let outcome = try Command.shell(line, [Built.coracle, place("cache")], directory: place.path).run()
                #expect(!outcome.errors.contains("[usage."), "\(example): \(outcome.errors)")
            }
        }
    }
}

extension StringProtocol {
    /// Without spaces at its end.
    fileprivate func trimming() -> String {
        var text = String(self)
        while text.last == " " { text.removeLast() }
        return text
    }
}
