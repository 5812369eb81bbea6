extension Recognition {
    /// What a `Procfile` says is started.
    package enum Stated: Hashable {
        /// A file of the directory, and its arguments.
        case file(String, arguments: [String])
        case application(Result)
        /// It is not known what the words start, or they need a shell: why, and what would start the same.
        case refused(reason: String, entrypoint: [String]?, environment: [String])
    }

    /// `nil` if there is no `Procfile` that says what is started.
    package var stated: Stated? {
        guard let bytes = contents.read("Procfile") else { return nil }
        let file = Procfile(bytes)
        guard let process = file.main else {
            guard !file.processes.isEmpty else { return nil }
            let names = file.processes.map { "`\($0.type)`" }.joined(separator: ", ")
            let first = StatedCommand(file.processes[0].command)
            return .refused(
                reason: "`Procfile` has several processes, and no `web`: \(names)",
                entrypoint: first.words.flatMap { entrypoint($0) },
                environment: first.environment
            )
        }
        let command = StatedCommand(process.command)
        let said = "`\(process.type)` of `Procfile`"
        if let part = command.shellPart {
            return .refused(
                reason: "\(said) is `\(process.command)`, and `\(part)` is for a shell, which the image does not have",
                entrypoint: command.words.flatMap { entrypoint($0) },
                environment: command.environment
            )
        }
        guard let words = command.words else { return nil }
        guard command.environment.isEmpty else {
            return .refused(
                reason: "\(said) is `\(process.command)`, and it sets variables",
                entrypoint: entrypoint(words),
                environment: command.environment
            )
        }
        switch start(words, said) {
        case .unknown:
            return .refused(
                reason: "\(said) is `\(process.command)`, and `\(words[0])` is not in the directory",
                entrypoint: nil,
                environment: []
            )
        case .file(let name): return .file(name, arguments: Array(words.dropFirst()))
        case .result(let result): return .application(result)
        }
    }

    private enum Start {
        case unknown
        /// A file of the directory.
        case file(String)
        case result(Result)
    }

    /// What `words` start.
    private func start(_ words: [String], _ evidence: String) -> Start {
        guard let name = words.first else { return .unknown }
        if ["npm", "yarn", "pnpm"].contains(name), words.dropFirst().filter({ $0 != "run" }) == ["start"] {
            return node().map { .result($0) } ?? .unknown
        }
        if name == "node" {
            guard let arguments = nodeArguments(words) else { return .unknown }
            return .result(.application(stated(.node, arguments, evidence)))
        }
        if let kind = ApplicationKind(interpreter: name), !name.contains("/"), kind != .node {
            let arguments = words.dropFirst().map { contents.hasFile($0) ? place($0.withoutDot) : $0 }
            return .result(.application(stated(kind, Array(arguments), evidence)))
        }
        let file = name.withoutDot
        if name.contains("/"), contents.hasFile(file) { return .file(file) }
        let packages = PythonPackages(in: contents)
        if let script = ConsoleScripts(in: contents, packages)[name] {
            let arguments = script.arguments(in: self) + words.dropFirst()
            return .result(.application(stated(.python, arguments, evidence)))
        }
        return .unknown
    }

    private func stated(_ kind: ApplicationKind, _ arguments: [String], _ evidence: String) -> RecognizedApplication {
        var found =
            application(kind)
            ?? RecognizedApplication(kind: kind, evidence: evidence, base: nil, interpreter: kind.interpreter)
        found = found.starting(arguments)
        found.evidence = evidence
        found.passedOver = []
        found.problem = nil
        if kind == .java { found.classes = statedClasses(arguments) }
        if kind == .python { found.problem = missingRequirement(arguments, PythonPackages(in: contents)) }
        return found
    }

    /// Which Java the archive needs that follows `-jar`.
    private func statedClasses(_ arguments: [String]) -> ClassVersion? {
        guard let option = arguments.firstIndex(of: "-jar"), option + 1 < arguments.count,
            let name = name(ofPlace: arguments[option + 1]),
            let archive = contents.file(name).flatMap({ JavaArchive($0) })
        else { return nil }
        return archive.version.map { ClassVersion(number: $0, file: name) }
    }

    /// The words that an image would start for `words`; `nil` if that is not known.
    private func entrypoint(_ words: [String]) -> [String]? {
        switch start(words, "") {
        case .unknown: nil
        case .file(let name): [place(name)] + words.dropFirst()
        case .result(.application(let found)): [found.interpreter] + found.arguments
        case .result(.unclear(_, _, let entrypoint, _)): entrypoint
        case .result(.unknown): nil
        }
    }

    /// Relative to the directory; `nil` if it is elsewhere.
    func name(ofPlace path: String) -> String? {
        path.hasPrefix("\(destination)/") ? String(path.dropFirst(destination.count + 1)) : nil
    }
}

extension String {
    /// Without `./` at the beginning.
    fileprivate var withoutDot: String {
        var name = self[...]
        while name.hasPrefix("./") { name = name.dropFirst(2) }
        return String(name)
    }
}
