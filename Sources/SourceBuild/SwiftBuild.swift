import Request
import Applications
import ByteIO
import Diagnostics
import ELF
import Glibc
import OCI
import Plan

/// Builds a program of Swift with its package manager.
struct SwiftBuild: Recipe {
    private let project: SourceProject
    private let workshop: Workshop
    private let tool: BuildTool

    init(_ project: SourceProject, _ workshop: Workshop) throws(Diagnostic) {
        (self.project, self.workshop) = (project, workshop)
        tool = try BuildTool("swift", for: "`\(project.typed.display)` is source of Swift", in: workshop)
    }

    func products(for platforms: [Platform]) async throws(Diagnostic) -> [FilePath] {
        let words = try await project.words(in: workshop)
        let isForOthers = words.flags.contains { $0.hasPrefix("--swift-sdk") || $0.hasPrefix("--triple") }
        let machine = Platform.ofThisMachine
        if let other = platforms.first(where: { $0.architecture != machine.architecture }), !isForOthers {
            throw workshop.unsupported(other, by: "Swift's toolchain builds for this machine, which is \(machine)")
        }
        var environment = workshop.environment(.swift, words)
        // git fetches packages: without a network it takes only what is on this machine.
        if workshop.isOffline { environment.stated["GIT_ALLOW_PROTOCOL"] = "file" }
        let shelf = try workshop.shelf(for: project, "build")
        let description = try await tool.json(
            ["package", "--scratch-path", shelf.display, "describe", "--type", "json"],
            in: project.directory,
            environment
        )
        let names = (description["products"]?.arrayValue ?? []).filter { $0["type"]?["executable"] != nil }
            .compactMap { $0["name"]?.stringValue }
        let name = try project.chosen(of: names, preferring: description["name"]?.stringValue, in: workshop)
        var products = [FilePath]()
        for platform in platforms {
            products.append(try await build(name, shelf, for: platform, words, environment))
        }
        return products
    }

    private func build(
        _ name: String,
        _ shelf: FilePath,
        for platform: Platform,
        _ words: SourceSettings.Words,
        _ environment: ToolEnvironment
    ) async throws(Diagnostic) -> FilePath {
        var arguments = ["build", "-c", "release", "--product", name]
        if SourceProject.isFile(project.directory.appending("Package.resolved")) {
            arguments.append("--only-use-versions-from-resolved-file")
        }
        let map = "\(project.directory.display)=."
        arguments += ["-Xswiftc", "-file-prefix-map", "-Xswiftc", map, "-Xcc", "-ffile-prefix-map=\(map)"]
        arguments += ["-Xlinker", "-s", "-Xlinker", "--build-id=none"] + words.flags
        let place = ["--scratch-path", shelf.display]
        func announce(_ linking: [String]) {
            let line = environment.assignments()
            let shown = [tool.name] + arguments + linking + ["--scratch-path", "BUILD"]
            workshop.announce(name, platform, line + "\(CommandText(shown))", environment)
        }
        var linking = ["-Xswiftc", "-static-executable"]
        announce(linking)
        var outcome = await tool.run(arguments + linking + place, in: project.directory, environment)
        if !outcome.hasSucceeded, outcome.says("linker command failed") || outcome.says("link command failed") {
            workshop.note(
                Diagnostic(
                    .sourceNotStatic,
                    "`\(name)` cannot be linked statically, and needs a base with a C library",
                    because: outcome.lastLines.last { $0.contains("error:") },
                    hint: "install the static forms of the libraries that it links"
                )
            )
            linking = ["--static-swift-stdlib"]
            announce(linking)
            outcome = await tool.run(arguments + linking + place, in: project.directory, environment)
        }
        guard outcome.hasSucceeded else { throw tool.failure(of: arguments, outcome) }
        let answer = try await tool.runToEnd(
            arguments + linking + place + ["--show-bin-path"],
            in: project.directory,
            environment,
            isAnswer: true
        )
        let directory = FilePath(String(decoding: answer.output, as: UTF8.self).filter { !$0.isNewline })
        let product = try workshop.kept(directory.appending(name), for: platform)
        do throws(SystemError) {
            try Self.clearHash(in: product)
        } catch {
            throw error.diagnostic("write the program", product.display)
        }
        return product
    }

    /// Clears what the compiler notes for itself, to see whether a module has changed: it depends on where it is built.
    private static func clearHash(in program: FilePath) throws(SystemError) {
        guard let file = try? HostFile(program), let elf = try? ElfFile(file, named: program.display) else { return }
        let section = elf.sections(in: file).first { $0.name == ".swift_modhash" && $0.hasBytes }
        guard let section, let offset = Int64(exactly: section.offset), section.size <= 1 << 20 else { return }
        let target = try OpenFile(program, O_WRONLY)
        guard lseek(target.descriptor, off_t(offset), SEEK_SET) == offset else { throw .last }
        try target.write([UInt8](repeating: 0, count: Int(section.size)))
    }
}

extension Diagnostic.Code {
    static let sourceNotStatic = Self("source.not-static", .input)
}
