import Applications
import ByteIO
import Diagnostics
import Images
import Layers
import OCI
import SourceTree
package import Stack

extension ApplicationReader {
    // MARK: Programs

    /// The directory, of which a program starts.
    mutating func application(_ chosen: ApplicationDirectory.Choice, _ place: Place) -> Application? {
        guard let program = chosen.program else { return nil }
        checkAsserted([program])
        let variant = variant(
            of: place,
            for: program.platform,
            because: program.evidence,
            starting: chosen.path,
            Entries(place.walk.entries)
        )
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
        let platforms = request.platforms.isEmpty ? [request.machine] : request.platforms
        let split = DependencyFolders.split(place.walk.entries, knownDependencies(of: place))
        var application = application(
            of: place,
            platforms.map { platform in
                variant(
                    of: place,
                    for: platform,
                    because: "`--platform` says so",
                    starting: chosen?.path,
                    Entries(split.above, below: split.below)
                )
            }
        )
        application.takesPlatformOfBase = request.platforms.isEmpty
        application.withoutStart = problem
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
        if case .catalogue = ground {
            guard let base = base(for: found, place.root) else { return nil }
            location = .catalogue(base)
            if chosen == nil, let problem = found.problem, request.additions.isEmpty {
                remarks.problems.add(
                    Diagnostic(
                        .planDependencyMissing,
                        problem.summary,
                        at: .file(path: place.root.display),
                        because: problem.reason,
                        hint: problem.hint
                    )
                )
                return nil
            }
        }
        let folders =
            chosen == nil
            ? knownDependencies(found.dependencies.map { place.destination.appending(Array($0.utf8)) })
            : knownDependencies(of: place)
        let split = DependencyFolders.split(place.walk.entries, folders)
        guard let platforms = platforms(of: place.walk, found.kind) else { return nil }
        note(found, on: location, startedByUser: chosen != nil, split, place)
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

    private mutating func note(
        _ found: RecognizedApplication,
        on location: ImageLocation?,
        startedByUser: Bool,
        _ split: DependencyFolders.Division,
        _ place: Place
    ) {
        let base = found.base.flatMap { (location ?? request.base) == .catalogue($0) ? ", on `\($0)`" : nil } ?? ""
        let words = startedByUser ? request.configuration.entrypoint ?? [] : [found.interpreter] + found.arguments
        var reason = "\(found.evidence): the image starts `\(words.joined(separator: " "))`"
        if startedByUser { reason += ", as `--entrypoint` says" }
        if let why = found.baseReason, !base.isEmpty { reason += "; \(why)" }
        if !split.below.isEmpty {
            let folders = found.dependencies.map { "`\($0)`" }.joined(separator: ", ")
            reason += folders.isEmpty ? "" : "; \(folders) in a layer below"
        }
        for text in found.passedOver where !startedByUser { reason += "; \(text)" }
        remarks.notes.append(
            Diagnostic(
                .planRecognized,
                "`\(place.root.display)` is \(found.kind.description)\(base)",
                because: reason,
                hint: "choose otherwise with `--base` and `--entrypoint`"
            )
        )
    }

    /// The base of the catalogue that runs what was found; `nil`, with a problem, if there is none.
    mutating func base(for found: RecognizedApplication, _ root: FilePath) -> String? {
        if let base = found.base { return base }
        remarks.problems.add(
            Diagnostic(
                .planNoBase,
                "`\(root.display)` is \(found.kind.description), and no base of the catalogue runs it",
                at: .file(path: root.display),
                because: found.baseReason ?? found.evidence,
                hint: "name one that does, such as `--base \(found.thirdPartyBase ?? "")`"
            )
        )
        return nil
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
            at: .file(path: place.root.display),
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
            source: place.root.resolved ?? place.root,
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
        guard let recognized else { return entrypoint.map { [$0] } }
        let own = base?.config.config.entrypoint?.first
        let name = own?.split(separator: "/").last ?? ""
        let interpreter = name.hasPrefix(recognized.interpreter) ? own ?? "" : recognized.interpreter
        return [interpreter] + recognized.arguments
    }
}

extension Diagnostic.Code {
    static let planNoBase = Self("plan.no-base", .input)
    static let planDependencyMissing = Self("plan.dependency-missing", .input)
}
