import Request
import ByteIO
import Diagnostics
import OCI
import Plan

/// Builds a program of Rust with Cargo.
struct CargoBuild: Recipe {
    private let project: SourceProject
    private let workshop: Workshop
    private let tool: BuildTool

    init(_ project: SourceProject, _ workshop: Workshop) throws(Diagnostic) {
        (self.project, self.workshop) = (project, workshop)
        tool = try BuildTool("cargo", for: "`\(project.typed.display)` is source of Rust", in: workshop)
    }

    /// A program of the workspace.
    private struct Program {
        let package: String
        let name: String
    }

    func products(for platforms: [Platform]) async throws(Diagnostic) -> [FilePath] {
        let words = try await project.words(in: workshop)
        var environment = workshop.environment(.cargo, words)
        environment.stated["RUSTUP_AUTO_INSTALL"] = "0"
        environment.stated["CARGO_TERM_COLOR"] = "never"
        let metadata = try await tool.json(
            ["metadata", "--no-deps", "--format-version", "1"] + (workshop.isOffline ? ["--offline"] : []),
            in: project.directory,
            environment
        )
        let root = FilePath(metadata["workspace_root"]?.stringValue ?? project.directory.display)
        let program = try program(of: metadata)
        var products = [FilePath]()
        for platform in platforms {
            products.append(try await build(program, root, for: platform, words, environment))
        }
        return products
    }

    /// What Cargo would start here: a package's own programs, or those of a workspace's default members.
    private func program(of metadata: JSON) throws(Diagnostic) -> Program {
        let all = metadata["packages"]?.arrayValue ?? []
        let manifest = project.directory.appending("Cargo.toml").display
        let defaults = metadata["workspace_default_members"]?.arrayValue ?? []
        let own = all.filter { $0["manifest_path"]?.stringValue == manifest }
        let members = own.isEmpty ? all.filter { defaults.isEmpty || $0["id"].map(defaults.contains) ?? false } : own
        func programs(_ packages: [JSON]) -> [Program] {
            packages.flatMap { package in
                (package["targets"]?.arrayValue ?? []).compactMap { target in
                    guard target["kind"]?.arrayValue?.contains("bin") ?? false,
                        let name = target["name"]?.stringValue, let package = package["name"]?.stringValue
                    else { return nil }
                    return Program(package: package, name: name)
                }
            }
        }
        let near = programs(members)
        // A program that is named may be of any member.
        let found = near.isEmpty || workshop.settings.program != nil ? programs(all) : near
        let usual = members.count == 1 ? members[0]["default_run"]?.stringValue : nil
        let name = try project.chosen(of: found.map(\.name), preferring: usual, in: workshop)
        guard let program = found.first(where: { $0.name == name }) else {
            preconditionFailure("the name is one of theirs")
        }
        return program
    }

    private func build(
        _ program: Program,
        _ root: FilePath,
        for platform: Platform,
        _ words: SourceSettings.Words,
        _ general: ToolEnvironment
    ) async throws(Diagnostic) -> FilePath {
        var environment = general
        let target = try await target(for: platform, environment)
        let shelf = try workshop.shelf(for: project, "target")
        environment.stated["CARGO_TARGET_DIR"] = shelf.display
        let home = environment["CARGO_HOME"] ?? environment["HOME"].map { "\($0)/.cargo" } ?? "/nowhere"
        if !statesFlags(home) {
            let places = [(shelf.display, "/target"), (home, "/cargo"), (root.display, ".")]
            let flags = places.filter { !$0.0.contains { $0.isWhitespace } }.map { "--remap-path-prefix=\($0)=\($1)" }
            environment.stated["RUSTFLAGS"] = ([environment["RUSTFLAGS"]].compactMap { $0 } + flags)
                .joined(separator: " ")
        }
        var arguments = ["build", "--release", "--package", program.package, "--bin", program.name]
        if !words.flags.contains(where: { $0.hasPrefix("--target") }) { arguments += ["--target", target] }
        if SourceProject.isFile(root.appending("Cargo.lock")) { arguments.append("--locked") }
        if workshop.isOffline { arguments.append("--offline") }
        if !words.tags.isEmpty { arguments += ["--features", words.tags.joined(separator: ",")] }
        arguments += words.flags
        let line = environment.assignments(hiding: ["CARGO_TARGET_DIR", "CARGO_TERM_COLOR"])
        workshop.announce(
            program.name,
            platform,
            line.replacing(shelf.display, with: "TARGET") + "\(CommandText([tool.name] + arguments))",
            environment
        )
        let outcome = try await tool.runToEnd(
            arguments + ["--message-format=json-render-diagnostics"],
            in: project.directory,
            environment,
            isAnswer: true
        )
        let messages = outcome.output.split(separator: UInt8(ascii: "\n")).lazy.compactMap { line in
            try? JSON(parsing: Array(line), named: "Cargo's message")
        }
        let made = messages.last {
            $0["target"]?["name"]?.stringValue == program.name && $0["executable"]?.stringValue != nil
        }
        guard let path = made?["executable"]?.stringValue else {
            throw Diagnostic(
                .sourceNoProgram,
                "Cargo has built `\(program.name)`, and no program came out",
                at: .file(path: project.typed.display)
            )
        }
        return try workshop.kept(FilePath(path), for: platform)
    }

    /// Whether the user's own files state compiler flags, in whose place ours would be.
    private func statesFlags(_ home: String) -> Bool {
        var places = [FilePath(home)]
        var place = project.directory
        while place != "/" {
            places.append(place.appending(".cargo"))
            place = place.directory
        }
        return places.contains { place in
            ["config.toml", "config"].contains { name in
                let bytes = try? OpenFile.content(of: place.appending(name), limit: 1 << 20)
                return bytes.map { String(decoding: $0, as: UTF8.self).contains("rustflags") } ?? false
            }
        }
    }

    // MARK: Targets

    /// The static target if its library is installed, else the one of the C library.
    ///
    /// - Throws: `source.platform` if neither is.
    private func target(for platform: Platform, _ environment: ToolEnvironment) async throws(Diagnostic) -> String {
        let machine: String? =
            switch (platform.architecture, platform.variant) {
            case ("amd64", _): "x86_64"
            case ("arm64", _): "aarch64"
            case ("386", _): "i686"
            case ("arm", "v6"), ("arm", "v5"): "arm"
            case ("arm", _): "armv7"
            case ("riscv64", _): "riscv64gc"
            case ("ppc64le", _): "powerpc64le"
            case ("s390x", _): "s390x"
            case ("loong64", _): "loongarch64"
            default: nil
            }
        guard let machine else { throw workshop.unsupported(platform, by: "Rust has no target for it") }
        let end = platform.architecture == "arm" ? "eabihf" : ""
        let targets = ["\(machine)-unknown-linux-musl\(end)", "\(machine)-unknown-linux-gnu\(end)"]
        let compiler = try BuildTool("rustc", for: "Cargo needs it", in: workshop)
        let outcome = try await compiler.runToEnd(
            ["--print", "sysroot"],
            in: project.directory,
            environment,
            isAnswer: true
        )
        let sysroot = FilePath(String(decoding: outcome.output, as: UTF8.self).filter { !$0.isNewline })
        let installed = targets.first {
            let library = sysroot.appending("lib/rustlib/\($0)/lib")
            return (try? FileStatus(at: library, following: true))?.kind == .directory
        }
        guard let installed else {
            throw workshop.unsupported(
                platform,
                by: "Rust's library for `\(targets[0])` is not in `\(sysroot.display)`",
                hint: "install it: `rustup target add \(targets[0])`"
            )
        }
        return installed
    }
}
