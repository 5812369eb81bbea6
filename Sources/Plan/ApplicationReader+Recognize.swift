import ByteIO
import Diagnostics
import Gate
import Images
import Layers
import OCI
import SourceTree
package import Stack

extension ApplicationReader {
    /// What the directory is, if the user leaves it to coracle to recognise it and it has no program of its own.
    func recognized(
        in walk: DirectoryWalk,
        at destination: EntryPath,
        _ directory: ApplicationDirectory
    ) -> Recognition.Result? {
        guard request.configuration.entrypoint == nil else { return nil }
        var hasNamedBase = false
        switch ground {
        case .scratch: return nil
        case .base: hasNamedBase = true
        case .catalogue, .undecided: break
        }
        let result = Recognition(walk.entries, at: destination).result
        let hasProgram = (try? directory.program(entrypoint: nil, workingDirectory: nil)) != nil
        switch result {
        // Beside its library, a published .NET application has a small program that looks for the runtime.
        case .application(let found) where found.kind == .dotnet: return result
        // Who names a base does not mean coracle's own server.
        case .application(let found) where found.kind == .staticSite && hasNamedBase: return nil
        case .application, .unclear: return hasProgram ? nil : result
        case .unknown: return nil
        }
    }

    mutating func application(
        _ found: RecognizedApplication,
        _ root: FilePath,
        _ walk: DirectoryWalk,
        at destination: EntryPath
    ) -> Application? {
        var chosen: ImageLocation?
        if case .catalogue = ground {
            guard let base = base(for: found, root) else { return nil }
            chosen = .catalogue(base)
        }
        let folders = knownDependencies(found.dependencies.map { destination.appending(Array($0.utf8)) })
        let split = DependencyFolders.split(walk.entries, folders)
        let (platforms, evidence) = platforms(of: walk)
        let base = found.base.flatMap { (chosen ?? request.base) == .catalogue($0) ? ", on `\($0)`" : nil } ?? ""
        remarks.notes.append(
            Diagnostic(
                .planRecognized,
                "`\(root.display)` is \(found.kind.description)\(base)",
                because: "\(found.evidence): the image starts "
                    + "`\(([found.interpreter] + found.arguments).joined(separator: " "))`"
                    + (split.below.isEmpty
                        ? ""
                        : "; " + found.dependencies.map { "`\($0)`" }.joined(separator: ", ") + " in a layer below"),
                hint: "choose otherwise with `--base` and `--entrypoint`"
            )
        )
        return Application(
            name: Application.name(of: root),
            variants: platforms.map { platform in
                Application.Variant(
                    platform: platform,
                    evidence: evidence,
                    entries: split.above,
                    createdBy: "coracle: \(destination)",
                    source: root.resolved ?? root,
                    entrypoint: found.arguments.last ?? found.interpreter,
                    workingDirectory: destination.description,
                    programs: [:],
                    recognized: found,
                    dependencies: split.below
                )
            },
            chosenBase: chosen
        )
    }

    /// The base of the catalogue that runs what was found; `nil`, with a problem, if there is none.
    private mutating func base(for found: RecognizedApplication, _ root: FilePath) -> String? {
        if let base = found.base { return base }
        remarks.problems.add(
            Diagnostic(
                .planNoBase,
                "`\(root.display)` is \(found.kind.description), and no base of the catalogue runs it",
                at: .file(path: root.display),
                because: found.evidence,
                hint: "name one that does, such as `--base \(found.kind.thirdPartyBase ?? "")`"
            )
        )
        return nil
    }

    static func unclear(_ kind: ApplicationKind, _ reason: String, _ root: FilePath) -> Diagnostic {
        let example =
            switch kind {
            case .node: #"'["node", "/app/server.js"]'"#
            case .python: #"'["python3", "/app/server.py"]'"#
            case .java: #"'["java", "-jar", "/app/server.jar"]'"#
            case .dotnet: #"'["dotnet", "/app/server.dll"]'"#
            case .ruby: #"'["ruby", "/app/server.rb"]'"#
            case .staticSite: "/app/server"
            }
        return Diagnostic(
            .planWhichProgram,
            "which program does the image start?",
            at: .file(path: root.display),
            because: "it is \(kind.description), and \(reason)",
            hint: "name it, such as `--entrypoint \(example)`"
                + ((kind.catalogueBase ?? kind.thirdPartyBase).map { ", with `--base \($0)`" } ?? "")
        )
    }

    /// Those that were asked for; else what the compiled parts are for, else x86-64, whatever this machine is.
    private func platforms(of walk: DirectoryWalk) -> (platforms: [Platform], evidence: String) {
        if !request.platforms.isEmpty { return (request.platforms, "`--platform` says so") }
        for entry in walk.entries where RootEntry(entry, origin: .application).mayBeLoaded {
            guard let file = entry.hostFile, let program = try? Program(at: file) else { continue }
            return ([program.platform], "\(program.evidence), in `\(entry.path)`")
        }
        return (
            [Platform(os: "linux", architecture: "amd64")], "nothing in it is for one processor; `--platform` chooses"
        )
    }

    /// The folders of dependencies below `destination` that are a layer of their own without being asked for.
    func knownDependencies(_ folders: [EntryPath]) -> [EntryPath] { request.split.rule == .known ? folders : [] }

    /// The same for a directory whose entry point the user names, if that entry point is not a program itself.
    func knownDependencies(of walk: DirectoryWalk, at destination: EntryPath) -> [EntryPath] {
        guard request.split.rule == .known else { return [] }
        let kind: ApplicationKind
        switch Recognition(walk.entries, at: destination).result {
        case .application(let found): kind = found.kind
        case .unclear(let found, _): kind = found
        case .unknown: return []
        }
        switch kind {
        case .node, .python, .java, .ruby: return DependencyFolders.find(in: walk.entries, at: destination)
        case .dotnet, .staticSite: return []
        }
    }
}

extension Application.Variant {
    /// What the image starts: the interpreter as the base itself names it, if it does.
    package func words(on base: Base?) -> [String] {
        guard let recognized else { return [entrypoint] }
        let own = base?.config.config.entrypoint?.first
        let name = own?.split(separator: "/").last ?? ""
        let interpreter = name.hasPrefix(recognized.interpreter) ? own ?? "" : recognized.interpreter
        return [interpreter] + recognized.arguments
    }
}

extension Diagnostic.Code {
    static let planRecognized = Self("plan.recognized", .input)
    static let planNoBase = Self("plan.no-base", .input)
}
