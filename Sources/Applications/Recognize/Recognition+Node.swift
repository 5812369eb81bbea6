import OCI

extension Recognition {
    /// A `package.json`, and what it says is started: `scripts.start`, `scripts.start:prod`, `main`, `bin`.
    package func node() -> Result? {
        guard let bytes = contents.read("package.json") else { return nil }
        var application = nodeApplication("`package.json`")
        guard let package = try? JSON(parsing: bytes, named: "package.json"), package.objectValue != nil else {
            return .unclear(application, reason: "`package.json` is not a JSON object")
        }
        let scripts = package["scripts"]
        for script in ["prestart", "poststart"] {
            if scripts?[script]?.stringValue != nil {
                application.passedOver.append("`scripts.\(script)` of `package.json` is not run")
            }
        }
        let start = nodeStart(package, application)
        guard case .application(var found) = start else { return start }
        found.problem = missingModule(package, found.arguments)
        return .application(found)
    }

    func nodeApplication(_ evidence: String) -> RecognizedApplication {
        RecognizedApplication(
            kind: .node,
            evidence: evidence,
            base: ApplicationKind.node.catalogueBase,
            interpreter: "node",
            dependencies: ["node_modules"].filter(contents.hasDirectory)
        )
    }

    /// What the author of `package` states comes before what its files look like.
    private func nodeStart(_ package: JSON, _ application: RecognizedApplication) -> Result {
        func starting(_ evidence: String, _ arguments: [String]) -> Result {
            var application = application.starting(arguments)
            application.evidence = evidence
            return .application(application)
        }
        let main = package["main"]?.stringValue
        var refusal: Result?
        for script in ["start", "start:prod"] {
            guard let line = package["scripts"]?[script]?.stringValue else { continue }
            switch NodeCommand(line, main: main, in: self) {
            case .starts(let arguments): return starting("`scripts.\(script)` of `package.json`", arguments)
            case .refused(let reason, let entrypoint, let environment):
                // The first is what `npm start` would do.
                if refusal == nil {
                    let said = "`scripts.\(script)` of `package.json` is `\(line)`, and \(reason)"
                    refusal = .unclear(application, reason: said, entrypoint: entrypoint, environment: environment)
                }
            }
        }
        if let refusal { return refusal }
        var reason = "`package.json` has neither `main` nor `scripts.start`"
        if let main {
            if let file = nodeModule(main) { return starting("`main` of `package.json`", [place(file)]) }
            reason = "`main` of `package.json` is `\(main)`, and there is no such file"
        }
        if let file = ["index.js", "server.js"].first(where: contents.hasFile) {
            return starting("`package.json` and `\(file)`", [place(file)])
        }
        let programs = package["bin"]?.objectValue?.members.compactMap(\.value.stringValue)
        let program = package["bin"]?.stringValue ?? programs.flatMap { $0.count == 1 ? $0[0] : nil }
        if let file = program.flatMap(nodeModule) { return starting("`bin` of `package.json`", [place(file)]) }
        return .unclear(application, reason: reason)
    }

    /// The file that node loads for `name`; `nil` if there is none, and for options and absolute paths.
    func nodeModule(_ name: String) -> String? {
        var name = name
        while name.hasPrefix("./") { name = String(name.dropFirst(2)) }
        while name.hasSuffix("/") { name = String(name.dropLast()) }
        guard !name.isEmpty, !name.hasPrefix("-"), !name.hasPrefix("/") else { return nil }
        if contents.hasFile(name) { return name }
        var candidates = ["\(name).js", "\(name).mjs", "\(name).cjs"]
        if let bytes = contents.read("\(name)/package.json"), let package = try? JSON(parsing: bytes, named: name),
            let main = package["main"]?.stringValue
        {
            candidates += ["\(name)/\(main)", "\(name)/\(main).js"]
        }
        return (candidates + ["\(name)/index.js"]).first(where: contents.hasFile)
    }

    // MARK: Dependencies

    /// A package that the started file loads, and that was not installed.
    ///
    /// Only what is certain: `package.json` names it, and the file itself asks for it by its name.
    private func missingModule(_ package: JSON, _ arguments: [String]) -> RecognizedApplication.Problem? {
        guard let file = arguments.first(where: { $0.hasPrefix("\(destination)/") }),
            let bytes = contents.read(String(file.dropFirst(destination.count + 1))),
            let dependencies = package["dependencies"]?.objectValue
        else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        for name in dependencies.keys where !contents.hasDirectory("node_modules/\(name)") {
            let forms = ["\"", "'"].flatMap { quote in
                ["require(\(quote)\(name)\(quote))", "from \(quote)\(name)\(quote)", "import \(quote)\(name)\(quote)"]
            }
            guard forms.contains(where: text.contains) else { continue }
            return RecognizedApplication.Problem(
                summary: "`\(file)` loads `\(name)`, which is not installed",
                reason: "`package.json` depends on it, and there is no `node_modules/\(name)`",
                hint: "run `npm ci --omit=dev` in the directory, and build again"
            )
        }
        return nil
    }
}

/// A line of `scripts`: what it starts, or why coracle does not start it.
private enum NodeCommand {
    /// What follows `node`.
    case starts([String])
    /// `entrypoint` is one that starts the same, and `environment` what it needs, where that is known.
    case refused(String, entrypoint: [String]?, environment: [String])

    /// Options of node whose value is the next word. Those that run what is on the command line are not here.
    private static let optionsWithValue: Set<String> = [
        "-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "--title",
        "--stack-trace-limit", "--icu-data-dir", "--openssl-config", "--redirect-warnings", "--env-file",
        "--input-type",
    ]
    /// Programs that set variables for the rest of the line.
    private static let variableSetters: Set<String> = ["cross-env", "env"]

    init(_ line: String, main: String?, in recognition: Recognition) {
        var words: [String]
        switch ShellWords(line) {
        case .needsShell(let part):
            self = .refused("`\(part)` is for a shell, which the image does not have", entrypoint: nil, environment: [])
            return
        case .words(let found): words = found
        }
        var environment = [String]()
        if let first = words.first, Self.variableSetters.contains(first) { words.removeFirst() }
        while let first = words.first, first.isAssignment { environment.append(words.removeFirst()) }
        let arguments = Self.arguments(words, main: main, in: recognition)
        if environment.isEmpty, words.count == ShellWords(line).count, let arguments {
            self = .starts(arguments)
        } else if let arguments {
            let reason = environment.isEmpty ? "`\(line.prefix { $0 != " " })` sets variables" : "it sets variables"
            self = .refused(reason, entrypoint: ["node"] + arguments, environment: environment)
        } else if let name = words.first, name != "node", let program = Self.installed(name, in: recognition) {
            let entrypoint = ["node", program] + words.dropFirst()
            self = .refused("`\(name)` is not `node`", entrypoint: entrypoint, environment: environment)
        } else {
            let reason = "that is not `node FILE` with a file that is there"
            self = .refused(reason, entrypoint: nil, environment: environment)
        }
    }

    /// What follows `node` in `words`, with the file by its place in the image; `nil` if it is not `node FILE`.
    private static func arguments(_ words: [String], main: String?, in recognition: Recognition) -> [String]? {
        guard words.first == "node" else { return nil }
        var options = [String]()
        var rest = words.dropFirst()
        while let word = rest.first, word.hasPrefix("-"), word != "-" {
            rest.removeFirst()
            if word == "--" { break }
            options.append(word)
            if optionsWithValue.contains(word) {
                guard let value = rest.popFirst() else { return nil }
                // A path begins with a dot; everything else is a package.
                options.append(
                    value.hasPrefix(".") ? recognition.nodeModule(value).map(recognition.place) ?? value : value
                )
            } else if ["-e", "--eval", "-p", "--print", "-c", "--check", "-i", "--interactive", "--run"].contains(word)
            {
                return nil
            }
        }
        guard let name = rest.popFirst() else { return nil }
        let file: String?
        if name == "." || name == "./" {
            file = main.flatMap(recognition.nodeModule) ?? recognition.nodeModule("index")
        } else {
            file = recognition.nodeModule(name)
        }
        return file.map { options + [recognition.place($0)] + rest }
    }

    /// The script of an installed package that npm would find as `name`.
    private static func installed(_ name: String, in recognition: Recognition) -> String? {
        guard !name.contains("/"), let file = recognition.contents.realName("node_modules/.bin/\(name)"),
            file.hasSuffix("js") || recognition.contents.startsNode(file)
        else { return nil }
        return recognition.place(file)
    }
}

extension ShellWords {
    /// The number of words.
    fileprivate var count: Int {
        guard case .words(let words) = self else { return 0 }
        return words.count
    }
}

extension DirectoryContents {
    /// Whether `file` is a script whose first line names node.
    fileprivate func startsNode(_ file: String) -> Bool {
        guard let start = read(file)?.prefix(80), start.starts(with: "#!".utf8) else { return false }
        return String(decoding: start.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self).contains("node")
    }
}
