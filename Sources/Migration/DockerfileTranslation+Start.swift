import Dockerfiles
import OCI

extension DockerfileTranslation {
    /// What the container starts, in words.
    struct Start {
        var entrypoint: [String] = []
        var arguments: [String] = []
        var reasons: [String] = []
        /// `NAME=VALUE` before the program.
        var environment: [(name: String, value: String)] = []
    }

    /// Entry points that images of others have, by the beginning of their names.
    private static let ofBases: [(prefix: String, words: [String])] = [
        ("gcr.io/distroless/nodejs", ["/nodejs/bin/node"]), ("gcr.io/distroless/python3", ["/usr/bin/python3"]),
        ("gcr.io/distroless/java", ["/usr/bin/java", "-jar"]),
    ]

    /// Images whose entry point prepares something and starts what it is given.
    private static let preparing = ["nginx", "postgres", "redis", "mysql", "mariadb", "httpd", "caddy", "traefik"]

    var start: Start {
        var start = Start()
        var isShell = false
        if let (command, line) = entrypoint {
            (start.entrypoint, isShell) = words(of: command, "ENTRYPOINT", line, &start)
        }
        guard let (command, line) = command, !isShell else { return start }
        let (words, _) = words(of: command, "CMD", line, &start)
        if entrypoint != nil {
            start.arguments = words
        } else if Self.preparing.contains(where: { ImagePath.name(base.value).hasPrefix($0) }) {
            start.arguments = words
            start.reasons.append("line \(line): arguments of the base's own entry point")
        } else {
            let known = Self.ofBases.first { base.value.hasPrefix($0.prefix) }?.words ?? []
            start.entrypoint = known + words
            start.reasons.append(
                known.isEmpty
                    ? "line \(line): CMD is what starts, as there is no ENTRYPOINT"
                    : "line \(line): CMD is started by the base's `\(known.joined(separator: " "))`"
            )
        }
        return start
    }

    /// The words, and whether they are for a shell.
    private func words(
        of command: DockerfileCommand,
        _ name: String,
        _ line: Int,
        _ start: inout Start
    ) -> ([String], isShell: Bool) {
        guard case .shell(let text) = command else {
            if case .words(let words) = command { return (words, false) }
            return ([], false)
        }
        let shell = shell ?? ["/bin/sh", "-c"]
        let plain = ShellCommands(text, [:]).commands
        let hasShell = base.value != "scratch" || self.shell != nil
        if plain.count == 1, plain[0].shellPart == nil, !plain[0].program.isEmpty {
            let needsVariables = plain[0].words.contains { $0.contains("$") }
            let needsPatterns = plain[0].words.contains { $0.contains { "*?~".contains($0) } }
            if !needsVariables, !needsPatterns {
                start.reasons.append("line \(line): \(name) starts without a shell, so that signals reach the program")
                start.environment += plain[0].assignments
                return (Array(plain[0].program), false)
            }
            let known = ShellCommands(text, variables.values).commands
            if !hasShell, needsVariables, known.count == 1, !known[0].words.contains(where: { $0.contains("$") }) {
                start.reasons.append(
                    "line \(line): \(name) has the values of its variables, as `scratch` has no shell to replace them"
                )
                start.environment += known[0].assignments
                return (Array(known[0].program), false)
            }
        }
        if hasShell {
            start.reasons.append("line \(line): \(name) is a line for a shell, which the base has to have")
        } else {
            leave(line, "`\(name) \(text)`: it needs a shell, and `scratch` has none")
        }
        return (shell + [text], true)
    }

    /// Where the program of `words` can be in the image.
    func candidates(for words: [String]) -> [String] {
        guard let first = words.first else { return [] }
        if first.contains("/") { return [ImagePath.absolute(first, in: workingDirectory?.text ?? "/")] }
        let path = environment.first { $0.name == "PATH" }?.value?.value ?? ImageConfig.Execution.defaultSearchPath
        return path.split(separator: ":").map { ImagePath.absolute(first, in: String($0)) }
    }
}
