/// A list of processes, as Heroku and buildpacks read it: lines of `TYPE: COMMAND`.
package struct Procfile {
    package struct Process: Hashable {
        package let type: String
        package let command: String
    }

    package let processes: [Process]

    package init(_ bytes: [UInt8]) {
        processes = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard fields.count == 2, let first = line.first, first.isLetter || first.isNumber,
                fields[0].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
            else { return nil }
            let command = fields[1].trimmed
            return command.isEmpty ? nil : Process(type: String(fields[0]), command: String(command))
        }
    }

    /// What a container starts: `web`, or the only process; `nil` if nothing says which.
    var main: Process? { processes.first { $0.type == "web" } ?? (processes.count == 1 ? processes[0] : nil) }
}

extension Substring {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmed: Substring {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        var text = drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
}

/// A command as a `Procfile` or the like states it.
package struct StatedCommand: Hashable {
    /// What it starts, if a shell is not needed or its variables are known; `nil` if only a shell can tell.
    package let words: [String]?
    /// `NAME=VALUE`: variables that the command sets, and those that its words depend on.
    package let environment: [String]
    /// What in the command is for a shell; `nil` if it needs none.
    package let shellPart: String?

    /// A platform that reads a `Procfile` chooses the port. An image has to state one.
    private static let port = "8080"

    package init(_ line: String) {
        var found = ShellWords(line)
        var environment = [String]()
        if case .needsShell(let part) = found {
            shellPart = part
            let plain = Self.withoutOptions(line)
            let known = Self.withPort(plain)
            if known != line { found = ShellWords(known) }
            if known != plain { environment.append("PORT=\(Self.port)") }
        } else {
            shellPart = nil
        }
        guard case .words(var words) = found else {
            self.words = nil
            self.environment = []
            return
        }
        if words.first == "exec" { words.removeFirst() }
        while let first = words.first, first.isAssignment {
            environment.append(first)
            words.removeFirst()
        }
        self.words = words.isEmpty ? nil : words
        self.environment = environment
    }

    /// `line` without variables for options that a platform gives, and that are empty elsewhere.
    private static func withoutOptions(_ line: String) -> String {
        line.replacing("${JAVA_OPTS}", with: "").replacing("$JAVA_OPTS", with: "")
    }

    /// `line` with the number in the place of `$PORT`, `${PORT}` and `${PORT:-8000}`.
    private static func withPort(_ line: String) -> String {
        var text = line
        while let start = text.firstRange(of: "${PORT:-"), let end = text[start.upperBound...].firstIndex(of: "}") {
            text.replaceSubrange(start.lowerBound...end, with: port)
        }
        return text.replacing("${PORT}", with: port).replacing("$PORT", with: port)
    }
}
