package import ByteIO
import Diagnostics
import Gate
import Images
package import Layers
import OCI
package import SourceTree
package import Stack

extension Planner {
    /// What the directory is, if the user leaves it to coracle to recognise it and it has no program of its own.
    package func recognized(
        in walk: DirectoryWalk,
        at destination: EntryPath,
        _ directory: ApplicationDirectory
    ) -> Recognition.Result? {
        guard request.configuration.entrypoint == nil, choosesBase || request.base != nil else { return nil }
        let result = Recognition(walk.entries, at: destination).result
        let hasProgram = (try? directory.program(entrypoint: nil, workingDirectory: nil)) != nil
        switch result {
        // Beside its library, a published .NET application has a small program that looks for the runtime.
        case .application(let found) where found.kind == .dotnet: return result
        // Who names a base does not mean coracle's own server.
        case .application(let found) where found.kind == .staticSite && request.base != nil: return nil
        case .application, .unclear: return hasProgram ? nil : result
        case .unknown: return nil
        }
    }

    package mutating func application(
        _ found: RecognizedApplication,
        _ root: FilePath,
        _ walk: DirectoryWalk,
        at destination: EntryPath
    ) -> Application? {
        guard request.base != nil || isSurvey || chooseBase(for: found, root) else { return nil }
        let folders = knownDependencies(found.dependencies.map { destination.appending(Array($0.utf8)) })
        let split = Self.split(walk.entries, folders)
        let (platforms, evidence) = platforms(of: walk)
        let base = request.base == .catalogue(found.base ?? "") ? ", on `\(found.base ?? "")`" : ""
        notes.append(
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
            }
        )
    }

    private mutating func chooseBase(for found: RecognizedApplication, _ root: FilePath) -> Bool {
        if let base = found.base {
            request.base = .catalogue(base)
            return true
        }
        problems.add(
            Diagnostic(
                .planNoBase,
                "`\(root.display)` is \(found.kind.description), and no base of the catalogue runs it",
                at: .file(path: root.display),
                because: found.evidence,
                hint: "name one that does, such as `--base \(found.kind.foreignBase ?? "")`"
            )
        )
        return false
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
                + ((kind.catalogueBase ?? kind.foreignBase).map { ", with `--base \($0)`" } ?? "")
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

    /// The entries below `places`, and the others. Nothing is split where a hard link would lead from one to the other.
    package static func split(
        _ entries: [LayerEntry],
        _ places: [EntryPath]
    ) -> (below: [LayerEntry], above: [LayerEntry]) {
        func isBelow(_ path: EntryPath) -> Bool { places.contains { $0 == path || $0.contains(path) } }
        let crosses = entries.contains { entry in
            guard case .hardlink(let first) = entry.content else { return false }
            return isBelow(entry.path) != isBelow(first)
        }
        guard !crosses, !places.isEmpty else { return ([], entries) }
        return (entries.filter { isBelow($0.path) }, entries.filter { !isBelow($0.path) })
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
