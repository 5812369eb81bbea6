import Applications
package import Diagnostics
import Dockerfiles
import OCI
import SourceBuild

/// What a project is, from its files alone, and what its `coracle.yaml` would say.
package struct ProjectTranslation {
    private let files: ProjectFiles
    private let name: String

    /// - Parameter name: the project's name, which an image gets if nothing else names it.
    package init(_ files: ProjectFiles, project name: String) {
        (self.files, self.name) = (files, name)
    }

    /// Files that say how an image is made, in the order in which they are looked for.
    package static let translated = [".ko.yaml", "Dockerfile", "Containerfile", "Procfile"]

    /// The file that is translated where none is named; `nil` if there is none.
    package var source: String? { Self.translated.first(where: files.isFile) }

    /// The project file for what `file` says.
    ///
    /// - Parameter stage: the stage of a Dockerfile that becomes the image; `nil` for the last one.
    /// - Throws: `init.unknown-file`, `init.unreadable`; `dockerfile.…`, `yaml.…`, `json.…`.
    package func draft(from file: String, stage: String? = nil) throws(DiagnosticList) -> ProjectDraft {
        guard let bytes = files.bytes(file) else {
            throw DiagnosticList(
                Diagnostic(
                    .initUnreadable,
                    "`\(file)` cannot be read",
                    at: .file(path: file),
                    because: files.kind(file) == nil ? "there is no such file" : "it is not a file of 4 MB at most",
                    hint: "check the path given to `--from`"
                )
            )
        }
        let base = ImagePath.name(file)
        if base == ".ko.yaml" || base == ".ko.yml" {
            return try listing { () throws(Diagnostic) in
                try KoTranslation.draft(of: bytes, named: file, project: name)
            }
        }
        if base == "Procfile" || base.hasPrefix("Procfile.") { return procfile(bytes, file) }
        if base == "package.json" {
            return try listing { () throws(Diagnostic) in try package(bytes, file) }
        }
        let stages = Result { () throws(DiagnosticList) in try DockerfileStages(parsing: bytes, named: file) }
        guard Dockerfile.isNamed(base) || (try? stages.get()) != nil else {
            throw DiagnosticList(
                Diagnostic(
                    .initUnknownFile,
                    "`\(file)` is not a file that `init` translates",
                    at: .file(path: file),
                    because: "it is neither a Dockerfile nor `.ko.yaml`, `Procfile` or `package.json`",
                    hint: "leave `--from` out: then the project itself is looked at"
                )
            )
        }
        let all = try stages.get()
        var target: Int?
        if let stage {
            target = all.index(of: stage, before: all.stages.count)
            guard target != nil else {
                let names = all.stages.compactMap(\.name)
                throw DiagnosticList(
                    Diagnostic(
                        .initUnknownFile,
                        "`\(file)` has no stage `\(stage)`",
                        at: .option("--target"),
                        hint: names.isEmpty ? "leave `--target` out" : "its stages are \(names.joined(separator: ", "))"
                    )
                )
            }
        }
        return DockerfileTranslation.draft(of: all, named: file, project: name, target: target, files)
    }

    private func listing<Result>(_ body: () throws(Diagnostic) -> Result) throws(DiagnosticList) -> Result {
        do throws(Diagnostic) {
            return try body()
        } catch {
            throw DiagnosticList(error)
        }
    }

    // MARK: Procfile, package.json

    private func procfile(_ bytes: [UInt8], _ file: String) -> ProjectDraft {
        var draft = ProjectDraft("Written by `coracle init --from \(file)`; `coracle build` makes its images.")
        let processes = Procfile(bytes).processes
        draft.defaults.append(ProjectDraft.Member(key: key, value: .text(".")))
        for process in processes {
            if process.type == "release" {
                draft.open.append(
                    ProjectDraft.Remark(
                        line: nil,
                        text: "`release: \(process.command)`: run it before the new version starts"
                    )
                )
                continue
            }
            let command = StatedCommand(process.command)
            var image = ProjectDraft.Image(process.type == "web" && processes.count == 1 ? name : process.type)
            if let words = command.words {
                image.add("entrypoint", .list(words), "\(file): `\(process.type): \(process.command)`")
                if let part = command.shellPart {
                    image.reasons.append("`\(part)` would need a shell: its value is written here")
                }
            } else {
                draft.open.append(
                    ProjectDraft.Remark(
                        line: nil,
                        text:
                            "`\(process.type): \(process.command)`: `\(command.shellPart ?? "it")` is for a shell: write "
                            + "`entrypoint` without it"
                    )
                )
            }
            image.add(
                "env",
                .mapping(
                    command.environment.compactMap { pair in
                        guard let equals = pair.firstIndex(of: "=") else { return nil }
                        let value = String(pair[pair.index(after: equals)...])
                        return ProjectDraft.Member(key: String(pair[..<equals]), value: .text(value))
                    }
                )
            )
            if let port = command.environment.first(where: { $0.hasPrefix("PORT=") }) {
                image.add("expose", .list([String(port.dropFirst(5))]))
            }
            draft.images.append(image)
        }
        if draft.images.isEmpty { draft.images.append(ProjectDraft.Image(name)) }
        return draft
    }

    private func package(_ bytes: [UInt8], _ file: String) throws(Diagnostic) -> ProjectDraft {
        let json = try JSON(parsing: bytes, named: file)
        var draft = ProjectDraft("Written by `coracle init --from \(file)`; `coracle build` makes the image of it.")
        let said = json["name"]?.stringValue.map(ImagePath.name) ?? ""
        var image = ProjectDraft.Image(said.isEmpty ? name : said)
        let hasDependencies = json["dependencies"]?.objectValue.map { !$0.keys.isEmpty } ?? false
        let hasBuild = json["scripts"]?["build"] != nil
        let needsTool = (hasDependencies && !files.isDirectory("node_modules")) || hasBuild
        image.add(
            needsTool ? "source" : "path",
            .text("."),
            needsTool ? "your own package manager installs the dependencies" : "nothing has to be installed"
        )
        if let engine = json["engines"]?["node"]?.stringValue {
            image.reasons.append(
                "`engines` asks for Node.js \(engine); the base is chosen by coracle, `base` names another"
            )
        }
        if let script = json["scripts"]?["start"]?.stringValue {
            let command = StatedCommand(script)
            if let words = command.words, words.first == "node" {
                image.add("entrypoint", .list(words), "`scripts.start`: a package manager would not hand signals on")
            } else {
                draft.open.append(
                    ProjectDraft.Remark(
                        line: nil,
                        text: "`scripts.start` is `\(script)`: write `entrypoint` with the file that Node.js runs"
                    )
                )
            }
        }
        draft.images.append(image)
        return draft
    }

    // MARK: What the project is

    /// `source` if a tool has to work first, `path` for what is taken as it is.
    private var key: String { mark == nil ? "path" : "source" }

    /// Files that show what builds a project.
    private static let marks: [(file: String, reason: String)] = [
        ("go.mod", "a module of Go"), ("go.work", "a workspace of Go"), ("Cargo.toml", "a package of Rust"),
        ("Package.swift", "a package of Swift"), ("pom.xml", "a project of Maven"),
        ("build.gradle", "a project of Gradle"),
        ("build.gradle.kts", "a project of Gradle"), ("package.json", "a package of Node.js"),
        ("pyproject.toml", "a project of Python"), ("requirements.txt", "an application of Python"),
    ]

    private var mark: (file: String, reason: String)? { Self.marks.first { files.isFile($0.file) } }

    /// The project file for what is there.
    ///
    /// - Throws: `init.nothing-found`.
    package func draft() throws(DiagnosticList) -> ProjectDraft {
        var draft = ProjectDraft("Written by `coracle init`; `coracle build` makes the images of it.")
        if let mark, mark.file.hasPrefix("go.") {
            for package in goPrograms() {
                var image = ProjectDraft.Image(package == "." ? name : ImagePath.name(package))
                image.add("source", .text(package == "." ? "." : "./\(package)"), "a `package main` of \(mark.reason)")
                draft.images.append(image)
            }
        } else if let mark {
            if mark.file == "package.json" { return try self.draft(from: mark.file) }
            // A package of Rust with several programs is an image each.
            let programs: [String?] = mark.file == "Cargo.toml" ? CargoPrograms.names(in: ".", files) : []
            for program in programs.count > 1 ? programs : [nil] {
                var image = ProjectDraft.Image(program ?? name)
                image.add("source", .text("."), "`\(mark.file)`: \(mark.reason)")
                if let program { image.add("bin", .text(program)) }
                draft.images.append(image)
            }
        }
        if draft.images.isEmpty { draft.images = finished() }
        guard !draft.images.isEmpty else {
            throw DiagnosticList(
                Diagnostic(
                    .initNothingFound,
                    "nothing here looks like a program, or like its source",
                    because:
                        "there is neither \(Self.marks.map { "`\($0.file)`" }.joined(separator: ", ")), nor a program "
                        + "here or in `bin`",
                    hint: "run it at the top of the project, or name a file with `--from`"
                )
            )
        }
        return draft
    }

    /// Directories with a `package main`: the top, and those in `cmd`.
    private func goPrograms() -> [String] {
        let places = ["."] + files.names("cmd").map { "cmd/\($0)" }
        return places.filter { place in
            files.isDirectory(place)
                && files.names(place).contains { file in
                    guard file.hasSuffix(".go"), !file.hasSuffix("_test.go"),
                        let bytes = files.bytes(ImagePath.joined(place, file))
                    else { return false }
                    return GoSource.isMain(bytes)
                }
        }
    }

    /// Programs that are there already, and a site.
    private func finished() -> [ProjectDraft.Image] {
        var images = [ProjectDraft.Image]()
        for path in files.names("bin").map({ "bin/\($0)" }) + files.names(".") {
            guard files.kind(path) == .file(isExecutable: true), files.isProgram(path) else { continue }
            var image = ProjectDraft.Image(ImagePath.name(path))
            image.add("path", .text(path), "a program")
            images.append(image)
        }
        if images.isEmpty, files.isFile("index.html") {
            var image = ProjectDraft.Image(name)
            image.add("path", .text("."), "`index.html`: a static site")
            images.append(image)
        }
        return images
    }
}

extension Diagnostic.Code {
    static let initUnreadable = Self("init.unreadable", .input)
    static let initUnknownFile = Self("init.unknown-file", .usage)
    static let initNothingFound = Self("init.nothing-found", .input)
}
