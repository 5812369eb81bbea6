import TestSupport

/// A case carried out: the command that prints the hint, and everything that the hint says to type.
struct HintRun {
    let hintCase: HintCase
    private let place: TemporaryDirectory
    private let registry: RegistryServer?
    private let variables: [(name: String, value: String)]

    /// What a hint came to.
    struct Result: Sendable {
        /// Hints as they were printed.
        var hints: [String] = []
        /// What is wrong; empty if each proposal helped.
        var problems: [String] = []

        private init() {}

        /// Carries out a case.
        init(of hintCase: HintCase) {
            self.init()
            do {
                self = try HintRun(hintCase).run()
            } catch {
                problems = ["\(error)"]
            }
        }

        fileprivate static var empty: Result { Result() }
    }

    /// Options that hints say to leave out, and that have a value.
    private static let withValue: Set<String> = [
        "--user", "--platform", "--cache-from", "--tag", "--base", "-t", "--type",
        "--from", "--target", "--key", "--signature", "--base-key", "--depth", "--selector", "--split",
    ]

    init(_ hintCase: HintCase) throws {
        self.hintCase = hintCase
        place = try TemporaryDirectory()
        let text = hintCase.setup + hintCase.command + hintCase.values.values.joined(separator: "\n")
        var variables = [(name: String, value: String)]()
        for (name, program) in [
            ("HELLO_ARM", FixtureProgram("hello", .go(architecture: "arm64"))),
            ("HELLO_C", FixtureProgram("hello-c", .dynamicC)),
            ("PROBE", .go("probe")), ("HELLO", .go("hello")),
        ] where text.contains("$\(name)") {
            variables.append((name, try program.path()))
        }
        var registry: RegistryServer?
        if text.contains("$PRIVATE") {
            registry = try RegistryServer(.password)
            variables.append(("PRIVATE", registry?.address ?? ""))
        } else if text.contains("$REGISTRY") {
            registry = try RegistryServer()
            variables.append(("REGISTRY", registry?.address ?? ""))
        }
        if text.contains("$DEAD") { variables.append(("DEAD", "127.0.0.1:\(try Loopback.freePort())")) }
        if text.contains("$BASES") {
            variables += [("BASES", try FreshBases.locked()), ("BASECACHE", FreshBases.cache)]
        }
        self.registry = registry
        self.variables = variables
    }

    func run() throws -> Result {
        defer { registry?.stop() }
        var environment: [String: String?] = ["PATH": "\(Built.commandFolder):\(Environment.current["PATH"] ?? "")"]
        for (name, value) in variables { environment[name] = value }
        environment.merge(common) { $1 }
        try Command.shell("set -e\n" + hintCase.setup, environment: environment, directory: place.path).output()

        var result = Result.empty
        let first = TypedCommand(expanded(hintCase.command))
        let outcome = try run(first)
        let printed = outcome.errors + outcome.output
        let messages = printed.split(separator: "\n").map(String.init)
        guard let head = messages.firstIndex(where: { $0.contains(hintCase.head) }) else {
            result.problems = ["`\(first)` does not say `\(hintCase.head)`:\n\(printed)"]
            return result
        }
        // Lines below the first one are indented.
        let block = messages[(head + 1)...].prefix { $0.hasPrefix("  ") }.filter { $0.hasPrefix("  hint: ") }
        result.hints = block.isEmpty ? [messages[head]] : block.map { String($0.dropFirst(8)) }
        for hint in result.hints {
            let proposals = Proposal.all(in: hint, marked: Set(hintCase.values.keys))
            if proposals.isEmpty, result.hints.count == 1 { result.problems.append("nothing to type in: \(hint)") }
            for proposal in proposals {
                if let problem = try problem(with: proposal, after: first, saying: messages[head]) {
                    result.problems.append("\(hint)\n`\(proposal.text)`: \(problem)")
                }
            }
        }
        return result
    }

    /// What is wrong with a proposal; `nil` if it leads to something better.
    private func problem(with proposal: Proposal, after first: TypedCommand, saying head: String) throws -> String? {
        var command = first
        switch proposal {
        case .command(let text): command = TypedCommand(filled(text))
        case .adding(let options):
            for option in options { command = adding(option, to: command) }
        case .replacing(let options, by: let option):
            for option in options { command.leaveOut(option, hasValue: false) }
            command = adding(option, to: command)
        case .leavingOut(let options):
            if let whole = hintCase.values[proposal.text] {
                command = TypedCommand(expanded(whole))
                break
            }
            let left = options.filter { command.leaveOut($0, hasValue: Self.withValue.contains($0)) }
            if left.isEmpty { return "none of them is in `\(first)`" }
        }
        let outcome = try run(command)
        let text = outcome.errors + outcome.output
        let expected = hintCase.ends[proposal.text]?.status ?? 0
        guard outcome.end == .exited(expected) else {
            return "`\(command)` ended with \(outcome.end), and \(expected) was expected:\n\(text)"
        }
        if expected == 2 { return "a mistake in the command line cannot be what is better" }
        if head.hasPrefix("error["), text.contains(head) { return "`\(command)` says the same again" }
        return nil
    }

    private func adding(_ option: String, to command: TypedCommand) -> TypedCommand {
        let value = filled(option)
        if value.hasPrefix("coracle ") || value.contains(" coracle ") { return TypedCommand(value) }
        var command = command
        command.add(value)
        return command
    }

    /// `text` of a hint with the values of the case.
    private func filled(_ text: String) -> String {
        if let (_, value) = hintCase.values.first(where: { expanded($0.key) == text }) {
            let value = expanded(value)
            if value.hasPrefix("coracle ") || value.contains(" coracle ") { return value }
            // The value of an option, or options with their values.
            let option = text.split(separator: " ")[0]
            return text.hasPrefix("-") && !value.hasPrefix("-") ? "\(option) \(value)" : value
        }
        var text = text
        for (name, value) in hintCase.values where !name.hasPrefix("-") && !name.contains(" ") {
            text = text.replacing(name, with: expanded(value))
        }
        return text
    }

    private func expanded(_ text: String) -> String {
        variables.reduce(text) { $0.replacing("$\($1.name)", with: $1.value) }
    }

    private func run(_ command: TypedCommand) throws -> Outcome {
        var prepared = Built.coracle(
            command.words,
            environment: common.merging(command.environment) { $1 },
            directory: place.path
        )
        prepared.input = hintCase.input.map { Array($0.utf8) }
        return try prepared.run()
    }

    /// A home and a cache of its own.
    private var common: [String: String?] {
        ["HOME": place("home"), "CORACLE_CACHE": place("cache"), "REGISTRY_AUTH_FILE": place("auth.json")]
    }
}
