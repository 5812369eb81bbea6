import Applications
import ByteIO
import Diagnostics
import ELF
import Glibc
import Images
import Layers
import OCI
import Request

/// A single file that another program runs: a script, or an archive of Java.
struct SingleFile {
    enum Kind {
        case script(ApplicationKind)
        case javaArchive(JavaArchive)
        /// A script that names its own interpreter, such as a shell.
        case other(Shebang)
        /// What a servlet container serves.
        case webArchive
    }

    let path: FilePath
    let typed: FilePath
    let status: FileStatus
    let kind: Kind

    /// `nil` for programs, and for what coracle cannot put into an image as it is.
    init?(_ typed: FilePath) {
        let path = typed.resolved ?? typed
        guard let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK), let status = try? file.status(),
            status.kind == .regular, let start = try? file.bytes(at: 0, count: FileKind.windowSize)
        else { return nil }
        let name = typed.name
        switch FileKind(start) {
        case .zip, .javaArchive:
            if let archive = JavaArchive(path), archive.manifest.mainClass != nil {
                kind = .javaArchive(archive)
            } else if name.hasSuffix(".war") {
                kind = .webArchive
            } else {
                return nil
            }
        case .text, .script:
            if name.hasSuffix(".py") {
                kind = .script(.python)
            } else if [".js", ".mjs", ".cjs"].contains(where: name.hasSuffix) {
                kind = .script(.node)
            } else if name.hasSuffix(".rb") {
                kind = .script(.ruby)
            } else if case .script(let shebang) = FileKind(start) {
                kind = ApplicationKind(interpreter: shebang.program).map { .script($0) } ?? .other(shebang)
            } else {
                return nil
            }
        default: return nil
        }
        self.path = path
        self.typed = typed
        self.status = status
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
        switch file.kind {
        case .script(let kind):
            let recognition = Recognition([], at: destination)
            found = recognition.application(kind)?.starting([destination.description])
        case .javaArchive(let archive):
            let place = destination.parent ?? .root
            found = Recognition([], at: place).jarApplication(String(printing: destination.name), archive)
        case .webArchive, .other: found = nil
        }
        found?.evidence = "the file `\(file.typed.display)`"
        return application(of: file, at: destination, found)
    }

    private mutating func application(
        of file: SingleFile,
        at destination: EntryPath,
        _ found: RecognizedApplication?
    ) -> Application? {
        var location: ImageLocation?
        switch ground {
        case .base: break
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
        case .script, .javaArchive: entrypoint = found?.arguments.last
        case .other: entrypoint = destination.description
        case .webArchive: entrypoint = nil
        }
        let platforms = request.platforms.isEmpty ? [request.machine] : request.platforms
        var application = Application(
            name: Application.name(ofFile: file.typed),
            variants: platforms.map { platform in
                Application.Variant(
                    platform: platform,
                    evidence: request.platforms.isEmpty
                        ? "nothing in it is for a certain processor: this machine's was taken; `--platform` chooses another"
                        : "`--platform` says so",
                    entries: [entry],
                    createdBy: "coracle: \(destination)",
                    source: file.path,
                    entrypoint: entrypoint,
                    workingDirectory: entrypoint == nil ? nil : destination.parent?.description,
                    programs: [:],
                    recognized: found
                )
            },
            chosenBase: location
        )
        application.takesPlatformOfBase = request.platforms.isEmpty
        if case .webArchive = file.kind, let version = JavaArchive.anyVersion(in: file.path, below: "WEB-INF/classes/")
        {
            application.needs(ClassVersion(number: version, file: file.typed.name))
        }
        if let found { note(found, location, file) }
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

    private mutating func note(_ found: RecognizedApplication, _ location: ImageLocation?, _ file: SingleFile) {
        let base = found.base.flatMap { (location ?? request.base) == .catalogue($0) ? ", on `\($0)`" : nil } ?? ""
        let words = request.configuration.entrypoint ?? [found.interpreter] + found.arguments
        remarks.notes.append(
            Diagnostic(
                .planRecognized,
                "`\(file.typed.display)` is \(found.kind.description)\(base)",
                because: "the image starts `\(CommandText(words))`, and has no other file of yours",
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
