import Applications
import ByteIO
import Diagnostics
import Glibc
import Images
import OCI
import Plan

/// Installs the packages of a Python application for the Python of its base, whatever this machine has.
struct PythonBuild: Recipe {
    private static let folder = "site-packages"
    fileprivate static let usualVersion = "3.13"

    private let project: SourceProject
    private let workshop: Workshop

    init(_ project: SourceProject, _ workshop: Workshop) throws(Diagnostic) {
        (self.project, self.workshop) = (project, workshop)
    }

    func products(for platforms: [Platform]) async throws(Diagnostic) -> [FilePath] {
        guard let requirements = PythonRequirements(at: project.directory) else {
            throw Diagnostic(
                .sourceNoProgram,
                "`\(project.typed.display)` asks for no packages",
                at: .file(path: project.typed.display),
                because: "there is nothing to install",
                hint: "name the directory instead to have it in the image as it is"
            )
        }
        var products = [FilePath]()
        for platform in platforms { products.append(try await install(requirements, for: platform)) }
        return products
    }

    private func install(
        _ requirements: PythonRequirements,
        for platform: Platform
    ) async throws(Diagnostic) -> FilePath {
        let stage = try Stage(
            of: project,
            for: platform,
            leavingOut: [Self.folder, "__pycache__"],
            keeping: [Self.folder],
            workshop
        ).directory
        let target = stage.appending(Self.folder)
        let words = try await project.words(in: workshop)
        var environment = workshop.environment(.python, words)
        environment.stated["PYTHONDONTWRITEBYTECODE"] = "1"
        let commands = Commands(
            project: project,
            workshop: workshop,
            platform: platform,
            environment: environment,
            shown: [(target, "OUT/\(Self.folder)"), (workshop.directory, "OUT")]
        )
        let version = project.pythonVersion
        if case .uv = requirements {
            try await installLocked(commands, version, platform, words, stage, target)
        } else {
            let python = try await python(version, environment)
            var arguments = ["-m", "pip", "install", "--target", target.display, "--no-compile", "--only-binary=:all:"]
            arguments += ["--python-version", version, "--implementation", "cp"]
            arguments += try tags(for: platform).flatMap { ["--platform", $0] }
            arguments += [
                "--disable-pip-version-check", "--no-input", "--root-user-action=ignore", "--no-warn-script-location",
            ]
            if workshop.isOffline { arguments.append("--no-index") }
            arguments += words.flags
            var isEmpty = false
            // A build of the package leaves files where it is built, which are not for the image.
            var place = stage
            switch requirements {
            case .file: arguments += ["-r", "requirements.txt"]
            case .locked(let lock):
                let lines = try lock.requirements(in: project.directory)
                isEmpty = lines.isEmpty
                let list = workshop.temporary.appending("requirements-\(platform.architecture).txt")
                do throws(SystemError) {
                    let text = lines.map { "\($0)\n" }.joined()
                    try OpenFile(list, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600).write(Array(text.utf8))
                } catch {
                    throw error.diagnostic("write a list of packages", list.display)
                }
                // The lock has all that is needed; what pip adds would have no hash.
                arguments += ["--require-hashes", "--no-deps", "-r", list.display]
            case .list(let names): arguments += ["--"] + names
            case .package, .uv:
                place = try workshop.another("package-\(platform.architecture)")
                let source = place.appending(project.directory.name)
                do throws(SystemError) {
                    try TreeCopy.make(of: stage, at: source)
                } catch {
                    throw error.diagnostic("copy", stage.display)
                }
                arguments += ["--", source.display]
            }
            // pip wants to be asked for something.
            if !isEmpty { try await commands.run(python, arguments, in: place) }
        }
        do throws(SystemError) {
            try Self.clean(target)
        } catch {
            throw error.diagnostic("look at what was installed", target.display)
        }
        return stage
    }

    /// The Python that installs. pip reads conditions such as `python_version < "3.12"` by the Python that it runs in, so
    /// that of the image's version is preferred.
    private func python(_ version: String, _ environment: ToolEnvironment) async throws(Diagnostic) -> BuildTool {
        let evidence = "`\(project.typed.display)` asks for packages of Python"
        for name in ["python\(version)", "python3", "python"] where workshop.program(named: name) != nil {
            let python = try BuildTool(name, for: evidence, in: workshop)
            let arguments = ["-c", "import pip, sys; print('%d.%d' % sys.version_info[:2])"]
            let outcome = await python.run(arguments, in: workshop.directory, environment, isAnswer: true)
            guard outcome.hasSucceeded else { continue }
            let own = String(decoding: outcome.output, as: UTF8.self).filter { !$0.isNewline }
            if own != version {
                workshop.note(
                    Diagnostic(
                        .sourceOtherPython,
                        "packages for Python \(version) are chosen by pip of Python \(own)",
                        because:
                            "conditions of requirements, such as `python_version < \"\(version)\"`, are read by the latter",
                        hint: "install Python \(version) with pip, or lock the packages with uv"
                    )
                )
            }
            return python
        }
        return try BuildTool(oneOf: ["python3 with pip"], for: evidence, in: workshop)
    }

    /// What uv has locked, installed by uv.
    private func installLocked(
        _ commands: Commands,
        _ version: String,
        _ platform: Platform,
        _ words: SourceSettings.Words,
        _ stage: FilePath,
        _ target: FilePath
    ) async throws(Diagnostic) {
        let uv = try BuildTool("uv", for: "there is a `uv.lock`", in: workshop)
        let machine = platform.architecture == "amd64" ? "x86_64" : platform.architecture == "arm64" ? "aarch64" : nil
        guard let machine else { throw workshop.unsupported(platform, by: "uv does not know Python for it") }
        let list = workshop.temporary.appending("requirements-\(platform.architecture).txt")
        let offline = workshop.isOffline ? ["--offline"] : []
        try await commands.run(
            uv,
            ["export", "--frozen", "--no-dev", "--no-emit-project", "--quiet", "--output-file", list.display] + offline,
            in: stage
        )
        try await commands.run(
            uv,
            [
                "pip", "install", "--target", target.display, "--no-compile-bytecode", "--only-binary", ":all:",
                "--python-version", version, "--python-platform", "\(machine)-manylinux_2_28",
                "--no-installer-metadata", "--no-deps", "--requirements", list.display,
            ] + offline + words.flags,
            in: stage
        )
    }

    // MARK: For which Python

    /// The Python of a base of the catalogue.
    static func version(of base: String) -> String { base.hasPrefix("debian12/") ? "3.11" : usualVersion }

    /// The tags of wheels that run there, the newest first: Debian 12 has glibc 2.36.
    ///
    /// PEP 600. pip takes older names for `manylinux2014` itself.
    private func tags(for platform: Platform) throws(Diagnostic) -> [String] {
        let machine: String? =
            switch platform.architecture {
            case "amd64": "x86_64"
            case "arm64": "aarch64"
            case "386": "i686"
            case "arm": "armv7l"
            case "ppc64le", "s390x", "riscv64": platform.architecture
            default: nil
            }
        guard let machine else { throw workshop.unsupported(platform, by: "Python has no name for it") }
        return [36, 35, 34, 31, 28, 27, 26, 24, 17].map { "manylinux_2_\($0)_\(machine)" }
            + ["manylinux2014_\(machine)", "linux_\(machine)"]
    }

    // MARK: What an image does not have

    /// Deletes scripts that name the Python of this machine, and records of where a package came from, with their lines in
    /// the lists of files.
    private static func clean(_ target: FilePath) throws(SystemError) {
        guard (try? FileStatus(at: target))?.kind == .directory else { return }
        // uv's, for itself.
        _ = target.appending(".lock").withCString { unlink($0) }
        var deleted = Set<String>()
        let programs = target.appending("bin")
        for name in (try? directoryEntries(of: programs)) ?? [] {
            let file = programs.appending(name: name)
            guard let start = try? OpenFile(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).bytes(at: 0, count: 2),
                start == Array("#!".utf8)
            else { continue }
            _ = file.withCString { unlink($0) }
            deleted.insert("bin/\(file.name)")
        }
        _ = programs.withCString { rmdir($0) }
        for name in try directoryEntries(of: target).map({ String(decoding: $0, as: UTF8.self) })
        where name.hasSuffix(".dist-info") {
            let directory = target.appending(name)
            let origin = directory.appending("direct_url.json")
            if origin.withCString({ unlink($0) }) == 0 { deleted.insert("\(name)/direct_url.json") }
            let list = directory.appending("RECORD")
            guard let bytes = try? OpenFile.content(of: list, limit: 64 << 20) else { continue }
            // Lines end with CR LF, which is one character.
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let left = lines.filter { line in
                var path = String(decoding: line.prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
                while path.hasPrefix("../") { path.removeFirst(3) }
                return !deleted.contains(path)
            }
            guard left.count < lines.count else { continue }
            let text = Array(left.joined(separator: [UInt8(ascii: "\n")]))
            try OpenFile(list, O_WRONLY | O_TRUNC | O_NOFOLLOW).write(text)
        }
    }
}

extension SourceProject {
    /// The base's Python: what its name says, else what the project states, else the catalogue's newest.
    var pythonVersion: String {
        switch base {
        case .catalogue(let name)?: return PythonBuild.version(of: name)
        case let other?:
            let text = other.description
            if let range = text.firstRange(of: "python:3.") {
                let number = text[range.upperBound...].prefix(while: \.isNumber)
                if !number.isEmpty { return "3.\(number)" }
            }
            return PythonBuild.usualVersion
        case nil: return catalogueBase.map(PythonBuild.version) ?? PythonBuild.usualVersion
        }
    }
}

extension Diagnostic.Code {
    static let sourceOtherPython = Self("source.other-python", .input)
}
