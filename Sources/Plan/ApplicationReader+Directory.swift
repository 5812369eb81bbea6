import Applications
import ByteIO
import Diagnostics
import ELF
import Glibc
import Images
import Layers
import OCI
import Request
import SourceTree

extension ApplicationReader {
    /// A walked application directory, and where it goes.
    struct Place {
        let root: FilePath
        /// What the user named.
        let shown: FilePath
        let walk: DirectoryWalk
        let destination: EntryPath
    }

    mutating func readDirectory(_ root: FilePath) -> Application? {
        let options = remarks.collect { [request] () throws(Diagnostic) in
            try DirectoryWalk.Options(application: root, of: request)
        }
        guard let options else { return nil }
        let destination = remarks.collect { [request] () throws(Diagnostic) in
            try EntryPath(absolute: request.destination ?? "/app")
        }
        guard let destination else { return nil }
        let walk = DirectoryWalk(root, to: destination, options, &remarks.problems, walked: walked)
        remarks.notes += walk.notes
        if let note = CargoDirectory(at: root)?.note(of: root) { remarks.notes.append(note) }
        guard walk.entries.count > 1 else {
            if remarks.problems.isEmpty { remarks.problems.add(Self.empty(root, walk)) }
            return nil
        }
        let shown = request.origin?.typed ?? root
        let place = Place(root: root, shown: shown, walk: walk, destination: destination)
        let directory = ApplicationDirectory(walk, at: destination)
        if let entrypoint = request.configuration.entrypoint {
            return started(by: entrypoint, directory, place)
        }
        return startedByItself(directory, place)
    }

    private static func empty(_ root: FilePath, _ walk: DirectoryWalk) -> Diagnostic {
        Diagnostic(
            .planEmptyDirectory,
            "`\(root.display)` has nothing in it for an image",
            at: .file(path: root.display),
            because: walk.ignoredCount > 0 ? "all \(walk.ignoredCount) entries are ignored" : "it is empty"
        )
    }

    // MARK: What the user names

    /// A program or script of the directory, or a program of the base, that the user names.
    private mutating func started(
        by entrypoint: [String],
        _ directory: ApplicationDirectory,
        _ place: Place
    ) -> Application? {
        let workingDirectory = request.configuration.workingDirectory
        let chosen = remarks.collect { () throws(Diagnostic) in
            try directory.program(entrypoint: entrypoint.first ?? "", workingDirectory: workingDirectory)
        }
        guard let chosen else { return nil }
        if chosen.program != nil { return application(chosen, place) }
        guard let found = recognized(startedBy: entrypoint, in: place) else { return unrecognized(chosen, place) }
        let problem =
            Self.foreignInterpreter(of: chosen, entrypoint, found) ?? consoleScript(chosen, entrypoint, found, place)
        if let problem {
            remarks.problems.add(problem)
            return nil
        }
        return application(found, chosen, place)
    }

    /// What the directory is, whatever of it or of its base is started.
    private func recognized(startedBy entrypoint: [String], in place: Place) -> RecognizedApplication? {
        let recognition = Recognition(place.walk.entries, at: place.destination)
        if let kind = ApplicationKind(interpreter: entrypoint.first ?? "") { return recognition.application(kind) }
        guard let found = recognition.result.application, found.kind != .staticSite else { return nil }
        return found
    }

    /// A script for the Python of the build machine, as `pip` writes them into an environment's `bin`.
    private static func foreignInterpreter(
        of chosen: ApplicationDirectory.Choice,
        _ entrypoint: [String],
        _ found: RecognizedApplication
    ) -> Diagnostic? {
        guard found.kind == .python, let file = chosen.file, let interpreter = buildMachinePython(file) else {
            return nil
        }
        let way = EntrypointText(["python3", chosen.entry.description] + entrypoint.dropFirst())
        return Diagnostic(
            .planEntrypointInterpreter,
            "`\(chosen.path)` is for the Python of the machine that installed it",
            at: .file(path: file.display),
            because: "its first line names `\(interpreter)`, which the image does not have",
            hint: "start it with the image's Python: \(way)"
        )
    }

    /// The Python that the script at `file` names in its first line, if that is not where a system has it.
    static func buildMachinePython(_ file: FilePath) -> String? {
        guard let opened = try? OpenFile(file, O_RDONLY | O_NONBLOCK),
            let start = try? opened.bytes(at: 0, count: FileKind.windowSize),
            case .script(let shebang) = FileKind(start),
            !["/usr/bin/", "/usr/local/bin/", "/bin/"].contains(where: { shebang.interpreter.hasPrefix($0) }),
            shebang.interpreter.split(separator: "/").last?.hasPrefix("python") ?? false
        else { return nil }
        return shebang.interpreter
    }

    /// The name of a program that a package declares, where the base has no program of that name.
    private func consoleScript(
        _ chosen: ApplicationDirectory.Choice,
        _ entrypoint: [String],
        _ found: RecognizedApplication,
        _ place: Place
    ) -> Diagnostic? {
        guard found.kind == .python, chosen.file == nil, let name = entrypoint.first, !name.contains("/") else {
            return nil
        }
        // Other people's bases may have packages of their own.
        switch ground {
        case .base(.catalogue), .catalogue, .undecided: break
        case .base, .scratch: return nil
        }
        let recognition = Recognition(place.walk.entries, at: place.destination)
        guard let program = recognition.consoleProgram(name) else { return nil }
        let words = program.words + entrypoint.dropFirst()
        return Diagnostic(
            .planEntrypointInterpreter,
            "`\(name)` is a program of a Python package, and not in the image's `PATH`",
            at: .option("--entrypoint"),
            because: "`\(program.package)` declares it, and `pip` writes its script for the machine that installs it",
            hint: "start it with the image's Python: \(EntrypointText(words))"
        )
    }

    /// The entry point is not a program of the directory, and the directory is nothing known.
    private mutating func unrecognized(_ chosen: ApplicationDirectory.Choice, _ place: Place) -> Application? {
        // Nothing says what it runs on: it is for this machine, or for what its base is for.
        application(onBase: chosen, place)
    }

    // MARK: What the directory says

    private mutating func startedByItself(_ directory: ApplicationDirectory, _ place: Place) -> Application? {
        let program = remarks.attempt { () throws(Diagnostic) in try directory.onlyProgram() }
        var isStated = false
        if directory.has("Procfile") {
            switch Recognition(place.walk.entries, at: place.destination).stated {
            case .file(let name, let arguments)?: return started(byStated: name, arguments, directory, place)
            case .refused(let reason, let entrypoint, let environment)?:
                let only = (try? program.get()).map { [$0.path] }
                remarks.problems.add(Self.refused(reason, entrypoint ?? only, environment, place))
                return nil
            case .application?: if case .scratch = ground {} else { isStated = true }
            case nil: break
            }
        }
        if case .success(let chosen) = program, !isStated, !isHostOfDotnet(chosen, place) {
            notePassedOver(directory, chosen, place)
            return application(chosen, place)
        }
        if case .scratch = ground {
        } else {
            let recognition = Recognition(place.walk.entries, at: place.destination)
            if let name = recognition.selfContained, let chosen = directory.program(named: name) {
                return application(chosen, place)
            }
            var isOnNamedBase = false
            if case .base = ground { isOnNamedBase = true }
            switch recognition.result {
            // Who names a base does not mean coracle's own server.
            case .application(let found) where found.kind == .staticSite && isOnNamedBase: break
            case .application(let found): return application(found, nil, place)
            case .unclear(let found, let reason, let entrypoint, let environment):
                remarks.problems.add(Self.unclear(found, reason, entrypoint, environment, place))
                return nil
            case .unknown: break
            }
            if isOnNamedBase, case .failure(let problem) = program, directory.candidateCount == 0 {
                return application(onBase: nil, place, otherwise: problem)
            }
            if recognition.isWebArchive {
                remarks.problems.add(Self.webArchive(place.shown))
                return nil
            }
        }
        if case .failure(let problem) = program { remarks.problems.add(problem) }
        return nil
    }

    /// The directory, of which the author states a file with its arguments.
    private mutating func started(
        byStated name: String,
        _ arguments: [String],
        _ directory: ApplicationDirectory,
        _ place: Place
    ) -> Application? {
        let file = place.destination.isRoot ? "/\(name)" : "\(place.destination)/\(name)"
        let chosen = remarks.collect { () throws(Diagnostic) in
            try directory.program(entrypoint: file, workingDirectory: nil)
        }
        guard let chosen else { return nil }
        guard chosen.program != nil else {
            let reason = "`Procfile` starts `\(name)`, which is not a program"
            remarks.problems.add(Self.refused(reason, [file] + arguments, [], place))
            return nil
        }
        remarks.notes.append(
            Diagnostic(
                .planRecognized,
                "`\(place.shown.display)` starts what its `Procfile` says",
                because: "the image starts `\(CommandText([file] + arguments))`",
                hint: "choose otherwise with `--entrypoint`"
            )
        )
        return application(chosen, place, with: arguments)
    }

    /// What the author states and an image cannot start as it is.
    private static func refused(
        _ reason: String,
        _ entrypoint: [String]?,
        _ environment: [String],
        _ place: Place
    ) -> Diagnostic {
        let variables = environment.map { "`--env \($0)` " }.joined()
        let example = EntrypointText(entrypoint ?? ["\(place.destination.isRoot ? "" : "\(place.destination)")/server"])
        return Diagnostic(
            .planWhichProgram,
            "which program does the image start?",
            at: .file(path: place.shown.display),
            because: reason,
            hint: "name it, \(entrypoint == nil ? "such as" : "with") \(variables)\(example)"
        )
    }

    private static func webArchive(_ root: FilePath) -> Diagnostic {
        Diagnostic(
            .planNoBase,
            "`\(root.display)` is a web application, and no base of the catalogue serves it",
            at: .file(path: root.display),
            because: "it has a `WEB-INF`, which a servlet container reads",
            hint: "name one and its place for it: `--base docker.io/library/tomcat:11 "
                + "--dest /usr/local/tomcat/webapps/ROOT`"
        )
    }

    /// Whether `program` is the small one that a published .NET application has beside its library, and which looks for
    /// the runtime of the base.
    private func isHostOfDotnet(_ chosen: ApplicationDirectory.Choice, _ place: Place) -> Bool {
        if case .scratch = ground { return false }
        guard let program = chosen.program, case .dynamic = Linkage(of: program.elf) else { return false }
        let recognition = Recognition(place.walk.entries, at: place.destination)
        guard recognition.selfContained == nil else { return false }
        return recognition.result.application?.kind == .dotnet
    }

    /// A program starts, and something else in the directory looks as if it could.
    private mutating func notePassedOver(
        _ directory: ApplicationDirectory,
        _ chosen: ApplicationDirectory.Choice,
        _ place: Place
    ) {
        let marks: [(name: String, kind: ApplicationKind)] = [
            ("package.json", .node), ("requirements.txt", .python), ("pyproject.toml", .python), ("Gemfile", .ruby),
        ]
        guard let mark = marks.first(where: { directory.has($0.name) }) else { return }
        remarks.notes.append(
            Diagnostic(
                .planRecognized,
                "`\(place.shown.display)` has a `\(mark.name)`, and is not taken for \(mark.kind.description)",
                because: "its only program starts: `\(chosen.path)`",
                hint: "choose otherwise with `--entrypoint`"
            )
        )
    }
}

extension Remarks {
    /// What `body` comes to; an error is not kept as a problem.
    fileprivate func attempt<Success>(_ body: () throws(Diagnostic) -> Success) -> Result<Success, Diagnostic> {
        do throws(Diagnostic) {
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }
}

extension Diagnostic.Code {
    static let planEntrypointInterpreter = Self("plan.entrypoint-interpreter", .input)
}
