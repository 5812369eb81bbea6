import Request
import ByteIO
import Diagnostics
import OCI
import Plan

/// Builds a program of Go.
struct GoBuild: Recipe {
    /// Packages that are shown to choose from.
    private static let mostShown = 10

    let project: SourceProject
    let workshop: Workshop
    private let tool: BuildTool

    init(_ project: SourceProject, _ workshop: Workshop) throws(Diagnostic) {
        self.project = project
        self.workshop = workshop
        let evidence =
            project.package == nil ? "`\(project.typed.display)` is source of Go" : "it is named by an import path"
        tool = try BuildTool("go", for: evidence, in: workshop)
    }

    /// Builds the program for each of `platforms`; returns them in that order.
    func products(for platforms: [Platform]) async throws(Diagnostic) -> [FilePath] {
        let package = try await package(for: platforms[0])
        var programs = [FilePath]()
        for platform in platforms { programs.append(try await program(package, for: platform)) }
        return programs
    }

    /// What is built, and where Go runs for it.
    private struct Package {
        let directory: FilePath
        let argument: String
        let shown: String
    }

    // MARK: Which package

    private func package(for platform: Platform) async throws(Diagnostic) -> Package {
        let directory = project.directory
        if let name = project.package { return Package(directory: directory, argument: name, shown: name) }
        if workshop.settings.program == nil, GoSource.isProgram(directory) {
            return Package(directory: directory, argument: ".", shown: project.shown.display)
        }
        if workshop.settings.program == nil, SourceProject.isFile(directory.appending("go.mod")),
            let only = GoSource.onlyProgram(below: directory)
        {
            return Package(directory: only, argument: ".", shown: project.shown(below: only))
        }
        var found = try await programsBelow(for: platform)
        if let name = workshop.settings.program {
            _ = try project.chosen(of: found.map(\.name), preferring: nil, in: workshop)
            found = found.filter { $0.name == name }
        }
        guard found.count <= 1 else {
            let names = found.map { project.shown(below: $0) }
            let list = names.prefix(Self.mostShown).map { "`\($0)`" }.joined(separator: ", ")
            throw Diagnostic(
                .sourceWhichProgram,
                "which program is built?",
                at: .file(path: project.typed.display),
                because: "there are \(names.count): \(list)" + (names.count > Self.mostShown ? " …" : ""),
                hint: "name one: `coracle build \(names[0])`"
            )
        }
        guard let only = found.first else {
            throw Diagnostic(
                .sourceNoProgram,
                "`\(project.typed.display)` has no program",
                at: .file(path: project.typed.display),
                because: "it is source of Go, and none of its packages is a `package main`",
                hint: "name the directory of a program; to have the directory itself in the image, add `--no-build`"
            )
        }
        return Package(directory: only, argument: ".", shown: project.shown(below: only))
    }

    /// The directories below the project's that have a program, sorted.
    private func programsBelow(for platform: Platform) async throws(Diagnostic) -> [FilePath] {
        let environment = environment(for: platform)
        var patterns = ["./..."]
        if !SourceProject.isFile(project.directory.appending("go.mod")),
            SourceProject.isFile(project.directory.appending("go.work"))
        {
            // A workspace itself is not a module.
            let modules = try await lines(["list", "-m", "-f", "{{.Dir}}"], environment)
            patterns = modules.map { "\($0)/..." }
        }
        let format = "{{if eq .Name \"main\"}}{{.Dir}}{{end}}"
        let found = try await lines(["list", "-e", "-f", format, "--"] + patterns, environment)
        return found.map { FilePath($0) }.sorted { $0.display < $1.display }
    }

    private func lines(
        _ arguments: [String],
        _ environment: ToolEnvironment
    ) async throws(Diagnostic) -> [String] {
        let outcome = try await tool.runToEnd(arguments, in: project.directory, environment, isAnswer: true)
        return String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    // MARK: Building

    private func program(_ package: Package, for platform: Platform) async throws(Diagnostic) -> FilePath {
        let output = try workshop.output(for: platform)
        let words = try await project.words(in: workshop)
        var environment = environment(for: platform)
        environment.stated.merge(words.environment) { own, _ in own }
        if let file = GitExclusions(project, workshop).file {
            // Images that were built here before do not make the checkout a modified one.
            environment.stated["GIT_CONFIG_COUNT"] = "1"
            environment.stated["GIT_CONFIG_KEY_0"] = "core.excludesFile"
            environment.stated["GIT_CONFIG_VALUE_0"] = file.display
        }
        var arguments = ["build", "-trimpath"]
        let isLinkedOtherwise =
            (environment["GOFLAGS"] ?? "").contains("-ldflags") || words.flags.contains { $0.contains("-ldflags") }
        if !words.ldflags.isEmpty || !isLinkedOtherwise {
            let own = isLinkedOtherwise ? [] : ["-s", "-w"]
            arguments.append("-ldflags=" + (own + words.ldflags).joined(separator: " "))
        }
        if !words.tags.isEmpty { arguments.append("-tags=" + words.tags.joined(separator: ",")) }
        arguments += words.flags
        let rest = ["-o", output.display + "/", "--", package.argument]
        var kept = KeptProgram(
            [project.directory.display, package.directory.display, package.argument, "\(platform)"],
            in: workshop
        )
        kept.restore(into: output)
        let put = kept
        async let isIntact = put.isIntact()
        announce(package, platform, arguments + ["-o", "OUT/\(output.name)/", package.argument], environment)
        var outcome = await tool.run(arguments + rest, in: package.directory, environment)
        if !outcome.hasSucceeded, outcome.says("error obtaining VCS status") {
            workshop.note(
                Diagnostic(
                    .sourceWithoutCommit,
                    "the program does not say which commit it was made from",
                    because: outcome.lastLines.first { $0.contains("error obtaining VCS status") }
                        ?? "git does not say it",
                    hint: "check that git is installed and trusts the checkout (`git status`)"
                )
            )
            arguments.append("-buildvcs=false")
            announce(package, platform, arguments + ["-o", "OUT/\(output.name)/", package.argument], environment)
            outcome = await tool.run(arguments + rest, in: package.directory, environment)
        }
        if !(await isIntact) {
            // Go believes the name that it has given a program, and does not read the rest.
            kept.delete()
            outcome = await tool.run(arguments + rest, in: package.directory, environment)
        }
        guard outcome.hasSucceeded else { throw tool.failure(of: arguments, outcome) }
        let program = try workshop.onlyProgram(in: output, of: project)
        kept.keep(program)
        return program
    }

    private func announce(
        _ package: Package,
        _ platform: Platform,
        _ arguments: [String],
        _ environment: ToolEnvironment
    ) {
        workshop.announce(
            package.shown,
            platform,
            environment.assignments(hiding: [
                "GOCACHE", "GOPATH", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0",
            ])
                + "\(CommandText([tool.name] + arguments))",
            environment
        )
    }

    private func environment(for platform: Platform) -> ToolEnvironment {
        var environment = ToolEnvironment(
            workshop.environment,
            with: Ecosystem.go.variables,
            temporary: workshop.temporary.display
        )
        environment.stated["GOOS"] = platform.os
        environment.stated["GOARCH"] = platform.architecture
        environment.stated["GOTOOLCHAIN"] = "local"
        if environment["CGO_ENABLED"] == nil { environment.stated["CGO_ENABLED"] = "0" }
        switch platform.architecture {
        case "arm": environment.stated["GOARM"] = platform.variant.map { String($0.drop { $0 == "v" }) } ?? "7"
        case "amd64": if let variant = platform.variant { environment.stated["GOAMD64"] = variant }
        default: break
        }
        let hasPlace = ["HOME", "XDG_CACHE_HOME", "GOCACHE"].contains { environment[$0] != nil }
        if workshop.isFresh || !hasPlace {
            // Go does not start without a place for its cache, and a container may have no home.
            environment.stated["GOCACHE"] = workshop.temporary.appending("cache").display
        }
        if environment["HOME"] == nil, environment["GOPATH"] == nil, environment["GOMODCACHE"] == nil {
            environment.stated["GOPATH"] = workshop.temporary.appending("path").display
        }
        if workshop.isOffline, !(environment["GOPROXY"] ?? "").hasPrefix("file:") {
            environment.stated["GOPROXY"] = "off"
            environment.stated["GONOPROXY"] = "none"
        }
        return environment
    }
}

extension Diagnostic.Code {
    static let sourceWithoutCommit = Self("source.without-commit", .input)
}
