import Applications
import ByteIO
import Diagnostics
import Images
import Layers
import OCI
import Request
import SourceTree
package import Stack

extension ApplicationReader {
    // MARK: Programs

    /// The directory, of which a program starts.
    mutating func application(
        _ chosen: ApplicationDirectory.Choice,
        _ place: Place,
        with arguments: [String] = []
    ) -> Application? {
        guard let program = chosen.program else { return nil }
        checkAsserted([program])
        var variant = variant(
            of: place,
            for: platform(of: program),
            because: program.evidence,
            starting: chosen.path,
            Entries(place.walk.entries)
        )
        variant.arguments = arguments
        return application(of: place, [variant.knowing(program, at: chosen.entry)])
    }

    // MARK: On what a base starts

    /// The directory on a base that the user names: what the base starts is kept, or `chosen` is started, which is
    /// not a program of the directory.
    ///
    /// - Parameter problem: why nothing of the directory itself is started.
    mutating func application(
        onBase chosen: ApplicationDirectory.Choice?,
        _ place: Place,
        otherwise problem: Diagnostic? = nil
    ) -> Application {
        var isOnNamedBase = false
        if case .base = ground { isOnNamedBase = true }
        let choices =
            request.platforms.isEmpty
            ? [
                isOnNamedBase
                    ? CompiledParts.Choice(platform: request.machine, evidence: "the base is for it")
                    : CompiledParts(of: place.walk.entries).choice(onMachine: request.machine)
            ] : request.platforms.map { CompiledParts.Choice(platform: $0, evidence: "`--platform` says so") }
        let split = DependencyFolders.split(place.walk.entries, knownDependencies(of: place))
        var application = application(
            of: place,
            choices.map { choice in
                variant(
                    of: place,
                    for: choice.platform,
                    because: choice.evidence,
                    starting: chosen?.path,
                    Entries(split.above, below: split.below)
                )
            }
        )
        application.takesPlatformOfBase = request.platforms.isEmpty
        application.withoutStart = problem
        if let classes = Recognition(place.walk.entries, at: place.destination).webArchiveClasses {
            application.needs(classes)
        }
        return application
    }

    // MARK: Recognised applications

    /// The directory as what was recognised.
    ///
    /// - Parameter chosen: what the user starts instead of what the directory says.
    mutating func application(
        _ found: RecognizedApplication,
        _ chosen: ApplicationDirectory.Choice?,
        _ place: Place
    ) -> Application? {
        var location: ImageLocation?
        let isOnCatalogue =
            switch ground {
            case .catalogue, .base(.catalogue): true
            case .base, .scratch, .undecided: false
            }
        // Other people's bases may have what is missing, and so may what the user adds.
        if isOnCatalogue, chosen == nil, let problem = found.problem, !request.bringsFiles {
            remarks.problems.add(problem.diagnostic(place.shown))
            return nil
        }
        if case .catalogue = ground {
            guard let base = base(for: found, place.shown) else { return nil }
            location = .catalogue(base)
            if chosen == nil, let problem = found.newerJava {
                remarks.problems.add(problem.diagnostic(place.shown))
                return nil
            }
            noteNewerLibrary(found, place)
        }
        let folders =
            chosen == nil
            ? knownDependencies(found.dependencies.map { place.destination.appending(Array($0.utf8)) })
            : knownDependencies(of: place)
        let split = DependencyFolders.split(place.walk.entries, folders)
        guard let platforms = platforms(of: place.walk, found.kind) else { return nil }
        note(found, on: location, startedByUser: chosen != nil, split, place)
        noteLackingPackage(found, place)
        let variants = platforms.map { choice in
            variant(
                of: place,
                for: choice.platform,
                because: choice.evidence,
                starting: chosen?.path ?? found.arguments.last ?? found.interpreter,
                Entries(split.above, below: split.below),
                found
            )
        }
        var application = application(of: place, variants)
        application.chosenBase = location
        return application
    }

    /// A library may never be loaded, so it is not an error.
    private mutating func noteNewerLibrary(_ found: RecognizedApplication, _ place: Place) {
        let recognition = Recognition(place.walk.entries, at: place.destination)
        guard let library = recognition.newerLibrary(than: ApplicationKind.catalogueJava, in: found) else { return }
        remarks.notes.append(
            Diagnostic(
                .planNewerLibrary,
                "`\(library.file)` needs Java \(library.number), and the base has Java \(ApplicationKind.catalogueJava)",
                at: .file(path: place.shown.display),
                because: "its classes cannot be loaded (`UnsupportedClassVersionError`)",
                hint:
                    "take a version of the library for Java \(ApplicationKind.catalogueJava), or name a base that has a "
                    + "newer Java, such as `--base docker.io/library/eclipse-temurin:\(library.number)-jre`"
            )
        )
    }

    /// Node.js reports it when the package is loaded, which may be never.
    private mutating func noteLackingPackage(_ found: RecognizedApplication, _ place: Place) {
        guard found.kind == .node,
            let lacking = Recognition(place.walk.entries, at: place.destination).lackingPackage
        else { return }
        let others = lacking.others > 0 ? " (and \(lacking.others) more)" : ""
        remarks.notes.append(
            Diagnostic(
                .planLackingPackage,
                "`\(lacking.package)` depends on `\(lacking.name)`, which is not installed\(others)",
                at: .file(path: place.shown.display),
                because: "no `node_modules` has it; Node.js would say `Cannot find module`, if it is not bundled",
                hint: "run `npm ci --omit=dev` in the directory, and build again"
            )
        )
    }

    private mutating func note(
        _ found: RecognizedApplication,
        on location: ImageLocation?,
        startedByUser: Bool,
        _ split: DependencyFolders.Division,
        _ place: Place
    ) {
        let base = found.base.flatMap { (location ?? request.base) == .catalogue($0) ? ", on `\($0)`" : nil } ?? ""
        let words = startedByUser ? request.configuration.entrypoint ?? [] : [found.interpreter] + found.arguments
        var reason = "\(found.evidence): the image starts `\(CommandText(words))`"
        if startedByUser { reason += ", as `--entrypoint` says" }
        if let why = found.baseReason, !base.isEmpty { reason += "; \(why)" }
        if !split.below.isEmpty {
            let folders = found.dependencies.map { "`\($0)`" }.joined(separator: ", ")
            let layer = found.isLayered ? "in a layer each, below" : "in a layer below"
            reason += folders.isEmpty ? "" : "; \(folders) \(layer)"
        }
        for text in found.passedOver where !startedByUser { reason += "; \(text)" }
        if let problem = found.problem, !startedByUser { reason += "; \(problem.summary)" }
        remarks.notes.append(
            Diagnostic(
                .planRecognized,
                "`\(place.shown.display)` is \(found.kind.description)\(base)",
                because: reason,
                hint: "choose otherwise with `--base` and `--entrypoint`"
            )
        )
    }

    static func unclear(
        _ found: RecognizedApplication,
        _ reason: String,
        _ entrypoint: [String]?,
        _ environment: [String],
        _ place: Place
    ) -> Diagnostic {
        let folder = place.destination.isRoot ? "" : place.destination.description
        let example =
            switch found.kind {
            case .node: ["node", "\(folder)/server.js"]
            case .python: ["python3", "\(folder)/server.py"]
            case .java: ["java", "-jar", "\(folder)/server.jar"]
            case .dotnet: ["dotnet", "\(folder)/server.dll"]
            case .ruby: ["ruby", "\(folder)/server.rb"]
            case .staticSite: ["\(folder)/server"]
            }
        let variables = environment.map { "`--env \($0)` " }.joined()
        // With an entry point that is given, the base is still chosen; where there is none, it has to be named.
        let base = found.base == nil ? found.thirdPartyBase.map { ", with `--base \($0)`" } ?? "" : ""
        return Diagnostic(
            .planWhichProgram,
            "which program does the image start?",
            at: .file(path: place.shown.display),
            because: "it is \(found.kind.description), and \(reason)",
            hint:
                "name it, \(entrypoint == nil ? "such as" : "with") \(variables)\(EntrypointText(entrypoint ?? example))\(base)"
        )
    }

    // MARK: Platforms

    /// Those that were asked for; else what the compiled parts allow together; `nil`, with a problem, if they lack one.
    private mutating func platforms(of walk: DirectoryWalk, _ kind: ApplicationKind) -> [CompiledParts.Choice]? {
        let parts = CompiledParts(of: walk.entries)
        let choices =
            request.platforms.isEmpty
            ? [parts.choice(onMachine: request.machine)]
            : request.platforms.map { CompiledParts.Choice(platform: $0, evidence: "`--platform` says so") }
        // Python's modules have tags, which the check reads.
        let missing = kind == .node ? choices.compactMap { parts.missing(for: $0.platform) } : []
        for problem in missing { remarks.problems.add(problem) }
        return missing.isEmpty ? choices : nil
    }

    // MARK: Parts of an application

    /// What goes into the application's own layer, and into the one below it.
    private struct Entries {
        let above: [LayerEntry]
        let below: [LayerEntry]

        init(_ above: [LayerEntry], below: [LayerEntry] = []) {
            self.above = above
            self.below = below
        }
    }

    private func application(of place: Place, _ variants: [Application.Variant]) -> Application {
        Application(name: Application.name(of: place.root), variants: variants)
    }

    private func variant(
        of place: Place,
        for platform: Platform,
        because evidence: String,
        starting entrypoint: String?,
        _ entries: Entries,
        _ found: RecognizedApplication? = nil
    ) -> Application.Variant {
        Application.Variant(
            platform: platform,
            evidence: evidence,
            entries: entries.above,
            createdBy: "coracle: \(place.destination)",
            source: request.lineage(of: place.root),
            entrypoint: entrypoint,
            workingDirectory: entrypoint == nil ? nil : place.destination.description,
            programs: [:],
            recognized: found,
            dependencies: entries.below
        )
    }

    /// The folders of dependencies below `destination` that are a layer of their own without being asked for.
    func knownDependencies(_ folders: [EntryPath]) -> [EntryPath] { request.split.rule == .known ? folders : [] }

    /// The same for a directory whose entry point the user names, or its base.
    private func knownDependencies(of place: Place) -> [EntryPath] {
        guard request.split.rule == .known else { return [] }
        switch Recognition(place.walk.entries, at: place.destination).result.application?.kind {
        case .node, .python, .java, .ruby: return DependencyFolders.find(in: place.walk.entries, at: place.destination)
        case .dotnet, .staticSite, nil: return []
        }
    }
}

extension Application.Variant {
    /// What the image starts: the interpreter as the base itself names it, if it does; `nil` for what the base starts.
    package func words(on base: Base?) -> [String]? {
        guard let recognized else { return entrypoint.map { [$0] + arguments } }
        let own = base?.config.config.entrypoint?.first
        let name = own?.split(separator: "/").last ?? ""
        let interpreter = name.hasPrefix(recognized.interpreter) ? own ?? "" : recognized.interpreter
        return [interpreter] + recognized.arguments
    }
}

extension RecognizedApplication.Problem {
    func diagnostic(_ path: FilePath) -> Diagnostic {
        Diagnostic(.planDependencyMissing, summary, at: .file(path: path.display), because: reason, hint: hint)
    }
}

extension RecognizedApplication {
    /// Classes that the catalogue's Java does not read.
    var newerJava: Problem? { classes?.problem(onJava: ApplicationKind.catalogueJava, "the base") }
}

extension Diagnostic.Code {
    static let planLackingPackage = Self("plan.lacking-package", .input)
    static let planNewerLibrary = Self("plan.newer-library", .input)
    static let planNoBase = Self("plan.no-base", .input)
    static let planDependencyMissing = Self("plan.dependency-missing", .input)
}
