import Applications
package import ByteIO
import Diagnostics
import ELF
import Glibc
import Images
import Layers
import OCI
package import Request

extension BuildRequest {
    /// The files that come along with the only path, as it names them.
    package var filesBesidePaths: [FilePath] {
        guard paths.count == 1, let path = paths[0].resolved, let file = SingleFile(path),
            case .javaArchive(let archive) = file.kind
        else { return [] }
        return JarLibraries(of: archive, at: path).found.map(\.path)
    }
}

extension ApplicationReader {
    /// A single file as an application: what runs it comes with the base.
    mutating func readFile(_ file: SingleFile) -> Application? {
        let destination = remarks.collect { [request] () throws(Diagnostic) in
            try EntryPath(absolute: request.destination ?? "/app/\(file.typed.name)")
        }
        guard let destination else { return nil }
        if let problem = foreignInterpreter(of: file) {
            remarks.problems.add(problem)
            return nil
        }
        guard remarks.take(request.check(file.typed, file.status, at: request.destination ?? "")) else { return nil }
        var found: RecognizedApplication?
        var libraries = [LayerEntry]()
        switch file.kind {
        case .script(let kind):
            let recognition = Recognition([], at: destination)
            found = recognition.application(kind)?.starting([destination.description])
        case .javaArchive(let archive):
            let place = destination.parent ?? .root
            found = Recognition([], at: place).jarApplication(String(printing: destination.name), archive)
            found?.problem = nil
            guard let entries = self.libraries(of: archive, file, at: destination, &found) else { return nil }
            libraries = entries
        case .zipapp(let archive):
            found = Recognition([], at: destination).zipapp(archive, at: destination.description)
        case .webArchive, .other: found = nil
        }
        found?.evidence = "the file `\(file.typed.display)`"
        return application(of: file, at: destination, found, libraries)
    }

    /// The archives that a Java archive names beside it, as they go into the image; `nil`, with a problem, if they cannot.
    ///
    /// - Parameter found: gets a problem if the archive names some that are not there.
    private mutating func libraries(
        of archive: JavaArchive,
        _ file: SingleFile,
        at destination: EntryPath,
        _ found: inout RecognizedApplication?
    ) -> [LayerEntry]? {
        let libraries = JarLibraries(of: archive, at: file.path)
        // What the user adds may be what is named.
        if request.configuration.entrypoint == nil, !request.bringsFiles {
            if let first = libraries.outside.first {
                remarks.problems.add(Self.outside(first, file))
                return nil
            }
            found?.problem = .absent(libraries.absent, of: file.typed.name, at: destination.description)
        }
        var entries = [LayerEntry]()
        for library in libraries.found {
            guard let status = try? FileStatus(at: library.path) else { continue }
            guard remarks.take(request.check(library.path, status, at: "")) else { return nil }
            entries.append(
                LayerEntry(
                    (destination.parent ?? .root).appending(library.name.utf8),
                    .file(library.path, status.stamp),
                    mode: request.fileMode(isExecutable: status.isExecutable),
                    uid: request.owner?.uid ?? 0,
                    gid: request.owner?.gid ?? 0,
                    modified: request.modified.secondsSince1970
                )
            )
        }
        return entries.sorted { $0.path < $1.path }
    }

    private static func outside(_ library: String, _ file: SingleFile) -> Diagnostic {
        let steps = library.split(separator: "/").prefix { $0 == ".." }.count
        // As it was typed, if that has the directory.
        let typed = file.typed.display.split(separator: "/")
        var root = typed.count > steps + 1 && !typed.contains("..") ? file.typed.directory : file.path.directory
        var place = [file.path.name]
        for _ in 0..<steps {
            place.insert(root.name, at: 0)
            root = root.directory
        }
        let words = EntrypointText(["java", "-jar", "/app/\(place.joined(separator: "/"))"])
        return Diagnostic(
            .planDependencyMissing,
            "`Class-Path` of `\(file.typed.display)` names `\(library)`, which is not below the archive's directory",
            at: .file(path: file.typed.display),
            because: "the image has the archive at one place, and what it names relative to it below that",
            hint: "give the directory that has both: `coracle build \(CommandText([root.display])) \(words.plain)`"
        )
    }

    private mutating func application(
        of file: SingleFile,
        at destination: EntryPath,
        _ found: RecognizedApplication?,
        _ libraries: [LayerEntry]
    ) -> Application? {
        var location: ImageLocation?
        switch ground {
        case .base:
            if let problem = found?.problem {
                remarks.problems.add(problem.diagnostic(file.typed))
                return nil
            }
        case .undecided where found != nil: break
        case .catalogue where found != nil:
            guard let found, let base = base(for: found, file.typed) else { return nil }
            if let problem = found.problem ?? found.newerJava {
                remarks.problems.add(problem.diagnostic(file.typed))
                return nil
            }
            location = .catalogue(base)
        case .scratch, .catalogue, .undecided:
            remarks.problems.add(Self.withoutBase(file))
            return nil
        }
        let entry = LayerEntry(
            destination,
            .file(file.path, file.status.stamp),
            mode: request.fileMode(isExecutable: startsItself(file)),
            uid: request.owner?.uid ?? 0,
            gid: request.owner?.gid ?? 0,
            modified: request.modified.secondsSince1970
        )
        let entrypoint: String?
        switch file.kind {
        case .script, .javaArchive, .zipapp: entrypoint = found?.arguments.last
        case .other: entrypoint = destination.description
        case .webArchive: entrypoint = nil
        }
        let isApart = request.split.rule == .known
        let platforms = request.platforms.isEmpty ? [request.machine] : request.platforms
        var application = Application(
            name: Application.name(ofFile: file.typed),
            variants: platforms.map { platform in
                Application.Variant(
                    platform: platform,
                    evidence: request.platforms.isEmpty
                        ? "nothing in it is for a certain processor: this machine's was taken; `--platform` chooses another"
                        : "`--platform` says so",
                    entries: isApart ? [entry] : ([entry] + libraries).sorted { $0.path < $1.path },
                    createdBy: "coracle: \(destination)",
                    source: file.path,
                    entrypoint: entrypoint,
                    workingDirectory: entrypoint == nil ? nil : destination.parent?.description,
                    programs: [:],
                    recognized: found,
                    dependencies: isApart ? libraries : []
                )
            },
            chosenBase: location
        )
        application.takesPlatformOfBase = request.platforms.isEmpty
        if case .webArchive = file.kind, let version = JavaArchive.anyVersion(in: file.path, below: "WEB-INF/classes/")
        {
            application.needs(ClassVersion(number: version, file: file.typed.name))
        }
        if let found { note(found, location, file, libraries.count) }
        return application
    }

    /// A script of a Python environment, which is nothing without the environment's packages.
    private func foreignInterpreter(of file: SingleFile) -> Diagnostic? {
        guard case .script(.python) = file.kind, let name = Self.buildMachinePython(file.path) else { return nil }
        let root = file.typed.directory.directory.display
        let words = ["python3", "/app/bin/\(file.typed.name)"]
        return Diagnostic(
            .planEntrypointInterpreter,
            "`\(file.typed.display)` is for the Python of the machine that installed it",
            at: .file(path: file.typed.display),
            because: "its first line names `\(name)`, and its packages are beside it, not in it",
            hint: "give the environment's directory, and start it with the image's Python: `\(root)` with "
                + "\(EntrypointText(words))"
        )
    }

    private func startsItself(_ file: SingleFile) -> Bool {
        if case .other = file.kind { return true }
        return file.status.isExecutable
    }

    private mutating func note(
        _ found: RecognizedApplication,
        _ location: ImageLocation?,
        _ file: SingleFile,
        _ libraries: Int
    ) {
        let base = found.base.flatMap { (location ?? request.base) == .catalogue($0) ? ", on `\($0)`" : nil } ?? ""
        let words = request.configuration.entrypoint ?? [found.interpreter] + found.arguments
        let others =
            switch libraries {
            case 0: "no other file of yours"
            case 1: "beside it the archive that its `Class-Path` names"
            default: "beside it the \(libraries) archives that its `Class-Path` names"
            }
        let version = found.baseReason.map { base.isEmpty ? "" : "; \($0)" } ?? ""
        remarks.notes.append(
            Diagnostic(
                .planRecognized,
                "`\(file.typed.display)` is \(found.kind.description)\(base)",
                because: "the image starts `\(CommandText(words))`, and has \(others)\(version)"
                    + found.passedOver.map { "; \($0)" }.joined(),
                hint: "give the directory if the application has more files; choose otherwise with `--base`"
            )
        )
    }

    /// What cannot be started without a base, and how it can.
    private static func withoutBase(_ file: SingleFile) -> Diagnostic {
        let name = file.typed.display
        let reason: String
        let hint: String
        switch file.kind {
        case .webArchive:
            reason = "it is a web archive, which a servlet container serves"
            hint =
                "name one and its place for it: `coracle build \(name) --base docker.io/library/tomcat:11 "
                + "--dest /usr/local/tomcat/webapps/ROOT.war`"
        case .other(let shebang):
            reason = "it is \(shebang), and an image made from `scratch` has no interpreter"
            hint = "name a base that has it, such as `--base docker.io/library/debian:13-slim`"
        case .zipapp:
            reason = "it is a Python archive, and `scratch` has no Python"
            hint = "name a base, such as `--base \(ApplicationKind.python.catalogueBase ?? "")`"
        case .script(let kind):
            reason = "it is \(kind.description), and `scratch` has nothing that runs it"
            hint =
                "name a base" + ((kind.catalogueBase ?? kind.thirdPartyBase).map { ", such as `--base \($0)`" } ?? "")
        case .javaArchive:
            reason = "it is a Java archive, and `scratch` has no Java"
            hint = "name a base, such as `--base \(ApplicationKind.java.catalogueBase ?? "")`"
        }
        return Diagnostic(
            .programNotELF,
            "`\(name)` is not a program for Linux",
            at: .file(path: name),
            because: reason,
            hint: hint
        )
    }
}
