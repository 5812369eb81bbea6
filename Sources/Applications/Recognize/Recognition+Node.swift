import OCI

extension Recognition {
    /// A `package.json`, and what it says is started: `scripts.start`, `scripts.start:prod`, `bin`, `main`, `exports`.
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
        let file = found.arguments.lazy.compactMap { name(ofPlace: $0) }.first(where: contents.hasFile)
        found.problem = missingModule(package, found.arguments) ?? file.flatMap { missingFile(of: $0) }
        return .application(found)
    }

    func nodeApplication(_ evidence: String) -> RecognizedApplication {
        var application = RecognizedApplication(
            kind: .node,
            evidence: evidence,
            base: ApplicationKind.node.catalogueBase,
            interpreter: "node",
            dependencies: ["node_modules"].filter(contents.hasDirectory)
        )
        application.follow(nodeVersion, VersionedBase.node, "Node.js") { "\($0.major)" }
        return application
    }

    /// Which Node.js the author wants: what version managers read, else `engines`.
    private var nodeVersion: StatedVersion? {
        let files = [".nvmrc", ".node-version"].lazy.compactMap { name in
            // A whole version is the one of the author's machine: its major number counts.
            StatedVersion(contents.line(name)?.split(separator: ".").first.map(String.init), in: "`\(name)`")
        }
        if let stated = files.first { return stated }
        let package = contents.read("package.json").flatMap { try? JSON(parsing: $0, named: "package.json") }
        return StatedVersion(package?["engines"]?["node"]?.stringValue, in: "`engines.node` of `package.json`")
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
            switch NodeCommand(line, main: main, package["scripts"], in: self) {
            case .starts(let arguments): return starting("`scripts.\(script)` of `package.json`", arguments)
            case .refused(let reason, let entrypoint, let environment):
                // The first is what `npm start` would do.
                if refusal == nil {
                    let said = "`scripts.\(script)` of `package.json` is `\(line)`, and \(reason)"
                    refusal = .unclear(
                        application,
                        reason: said,
                        entrypoint: entrypoint ?? likelyScript,
                        environment: environment
                    )
                }
            }
        }
        if let refusal { return refusal }
        var reason = "`package.json` has none of `scripts.start`, `bin`, `main` and `exports`"
        let programs = NodePrograms(package)
        // `bin` is what is started of a package, and `main` what others load of it.
        if let program = programs.main, let file = nodeModule(program) {
            // Started as a program, it would be started with the options of its first line.
            return starting("`bin` of `package.json`", contents.scriptOptions(file) + [place(file)])
        }
        if let main {
            if let file = nodeModule(main) { return starting("`main` of `package.json`", [place(file)]) }
            reason = "`main` of `package.json` is `\(main)`, and there is no such file"
        }
        if let exported = NodePrograms.exported(package["exports"]) {
            if let file = nodeModule(exported) { return starting("`exports` of `package.json`", [place(file)]) }
            if main == nil { reason = "`exports` of `package.json` is `\(exported)`, and there is no such file" }
        }
        if let file = ["index.js", "server.js", "index.mjs", "server.mjs"].first(where: contents.hasFile) {
            let result = starting("`package.json` and `\(file)`", [place(file)])
            guard case .application(var found) = result, main != nil else { return result }
            found.passedOver.append(reason)
            return .application(found)
        }
        guard programs.all.isEmpty else {
            let names = programs.all.map { "`\($0.name)`" }.joined(separator: ", ")
            let file = programs.all.lazy.compactMap { nodeModule($0.file) }.first
            return .unclear(
                application,
                reason: "`bin` of `package.json` has several programs: \(names)",
                entrypoint: file.map { ["node", place($0)] }
            )
        }
        return .unclear(application, reason: reason)
    }

    /// A file that is there and usually is what starts.
    private var likelyScript: [String]? {
        let names = ["server", "index", "app", "main"]
        let directories = [".next/standalone/", ".output/server/", "", "dist/", "build/", "src/"]
        let files = directories.flatMap { directory in
            names.flatMap { name in [".js", ".mjs", ".cjs"].map { "\(directory)\(name)\($0)" } }
        }
        return files.first(where: contents.hasFile).map { ["node", place($0)] }
    }

    /// What follows `node` in `words`; `nil` if it is not `node FILE` with a file that is there.
    func nodeArguments(_ words: [String]) -> [String]? {
        let package = contents.read("package.json").flatMap { try? JSON(parsing: $0, named: "package.json") }
        return NodeCommand.arguments(words, main: package?["main"]?.stringValue, in: self)
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

/// The files that a `package.json` names as programs, and as what others load.
///
/// npm, package.json § bin; Node.js, Modules: Packages § Package entry points.
private struct NodePrograms {
    struct Program {
        let name: String
        let file: String
    }

    let all: [Program]
    private let name: String?

    init(_ package: JSON) {
        // A scope is not a part of the program's name.
        name = package["name"]?.stringValue?.split(separator: "/").last.map(String.init)
        let only = package["bin"]?.stringValue.map { [Program(name: "bin", file: $0)] }
        let members = package["bin"]?.objectValue?.members ?? []
        all =
            only
            ?? members.compactMap { member in
                member.value.stringValue.map { Program(name: member.key, file: $0) }
            }
    }

    /// The only program, or the one that is called as the package is.
    var main: String? { all.count == 1 ? all[0].file : all.first { $0.name == name }?.file }

    /// The file of the package itself: a text, or the first condition of `.` that node takes.
    static func exported(_ exports: JSON?, depth: Int = 0) -> String? {
        guard let exports, depth < 8 else { return nil }
        if let file = exports.stringValue { return file }
        if let list = exports.arrayValue { return list.lazy.compactMap { exported($0, depth: depth + 1) }.first }
        guard let conditions = exports.objectValue else { return nil }
        if let own = conditions["."] { return exported(own, depth: depth + 1) }
        // In their order, as node does.
        for member in conditions.members where ["node", "import", "require", "default"].contains(member.key) {
            if let file = exported(member.value, depth: depth + 1) { return file }
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

    /// Programs that start a file of node's in their way.
    private static let supervisors: Set<String> = ["pm2-runtime", "nodemon", "forever", "node-dev", "supervisor"]

    /// - Parameters:
    ///   - scripts: those of the package, which `npm run` names.
    ///   - depth: how many of them led here.
    init(_ line: String, main: String?, _ scripts: JSON?, in recognition: Recognition, depth: Int = 0) {
        var words: [String]
        switch ShellWords(line) {
        case .needsShell(let part):
            // What follows the last of several commands is what goes on running.
            let last = line.replacing("&&", with: "\u{0}").split(separator: "\u{0}").last.map(String.init) ?? ""
            var entrypoint: [String]?
            if part == "&&", depth < 4,
                case .starts(let found) = NodeCommand(last, main: main, scripts, in: recognition, depth: depth + 1)
            {
                entrypoint = ["node"] + found
            }
            let reason = "`\(part)` is for a shell, which the image does not have"
            self = .refused(reason, entrypoint: entrypoint, environment: [])
            return
        case .words(let found): words = found
        }
        // `npm run NAME` starts another line of the same file.
        if let name = Self.scriptName(words), let next = scripts?[name]?.stringValue, depth < 4 {
            self = NodeCommand(next, main: main, scripts, in: recognition, depth: depth + 1)
            return
        }
        var environment = [String]()
        if let first = words.first, Self.variableSetters.contains(first) { words.removeFirst() }
        while let first = words.first, first.isAssignment { environment.append(words.removeFirst()) }
        if let lost = Self.missingVariables(words, in: recognition) {
            let rest = words.filter { $0 != lost.option && $0 != lost.file }
            self = .refused(
                "`\(lost.file)` is not in the image: give its variables with `--env`",
                entrypoint: Self.arguments(rest, main: main, in: recognition).map { ["node"] + $0 },
                environment: environment
            )
            return
        }
        let supervised = words.first.map(Self.supervisors.contains) ?? false
        let arguments = Self.arguments(
            supervised ? ["node"] + words.dropFirst() : words,
            main: main,
            in: recognition
        )
        if supervised, let arguments {
            let reason = "`\(words[0])` is not `node`, and the engine starts a container again"
            self = .refused(reason, entrypoint: ["node"] + arguments, environment: environment)
            return
        }
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

    private struct VariableFile {
        let option: String
        let file: String
    }

    /// The file of variables that node is to read, and that is not there: most often it is kept out of images.
    private static func missingVariables(_ words: [String], in recognition: Recognition) -> VariableFile? {
        for (index, word) in words.enumerated() {
            var file: String?
            if word.hasPrefix("--env-file=") { file = String(word.dropFirst("--env-file=".count)) }
            if word == "--env-file", index + 1 < words.count { file = words[index + 1] }
            if let file, recognition.nodeModule(file) == nil { return VariableFile(option: word, file: file) }
        }
        return nil
    }

    /// `NAME` of `npm run NAME` and of what other package managers write for it.
    private static func scriptName(_ words: [String]) -> String? {
        guard let first = words.first, ["npm", "yarn", "pnpm", "bun"].contains(first) else { return nil }
        let rest = Array(words.dropFirst())
        if rest.count == 2, rest[0] == "run" || rest[0] == "run-script" { return rest[1] }
        return rest.count == 1 && first != "bun" && rest[0] != "run" ? rest[0] : nil
    }

    /// What follows `node` in `words`, with the file by its place in the image; `nil` if it is not `node FILE`.
    static func arguments(_ words: [String], main: String?, in recognition: Recognition) -> [String]? {
        var rest = words[...]
        if rest.first == "exec" { rest.removeFirst() }
        guard let program = rest.popFirst() else { return nil }
        var options = [String]()
        if !["node", "nodejs", "/usr/bin/node", "/usr/local/bin/node"].contains(program) {
            // A script of the directory that names node in its first line.
            guard program.hasPrefix("./"), let file = recognition.nodeModule(program),
                recognition.contents.startsNode(file)
            else { return nil }
            return recognition.contents.scriptOptions(file) + [recognition.place(file)] + rest
        }
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
    /// The options that the first line of `file` gives to its interpreter: `#!/usr/bin/env -S node --no-warnings`.
    func scriptOptions(_ file: String) -> [String] {
        guard let start = read(file)?.prefix(256), start.starts(with: "#!".utf8) else { return [] }
        let line = String(
            decoding: start.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") },
            as: UTF8.self
        )
        var words = line.dropFirst(2).split { $0 == " " || $0 == "\t" }.map(String.init)
        if words.first?.hasSuffix("/env") ?? false {
            words.removeFirst()
            while let word = words.first, word == "-S" || word.isAssignment { words.removeFirst() }
        }
        return Array(words.dropFirst())
    }

    /// Whether `file` is a script whose first line names node.
    fileprivate func startsNode(_ file: String) -> Bool {
        guard let start = read(file)?.prefix(80), start.starts(with: "#!".utf8) else { return false }
        return String(decoding: start.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self).contains("node")
    }
}
