import Applications
import ByteIO
import Diagnostics
import Glibc
import OCI
import Plan

/// Builds an application of Java with Maven or Gradle: its archive, and the libraries beside it.
struct JavaBuild: Recipe {
    private let project: SourceProject
    private let workshop: Workshop
    private let java: JavaTool

    init(_ project: SourceProject, _ workshop: Workshop) throws(Diagnostic) {
        (self.project, self.workshop) = (project, workshop)
        java = try JavaTool(for: project, in: workshop)
    }

    func products(for platforms: [Platform]) async throws(Diagnostic) -> [FilePath] {
        // Archives are the same for all platforms.
        let product = try await product(for: platforms[0])
        return [product]
    }

    private func product(for platform: Platform) async throws(Diagnostic) -> FilePath {
        let isMaven = project.ecosystem == .maven
        let scratch = try workshop.another("java")
        let source = scratch.appending(project.directory.name)
        let places = project.passedOver
        do throws(SystemError) {
            try TreeCopy.make(of: project.directory, at: source) { path in
                [".git", ".gradle", isMaven ? "target" : "build"].contains(path.name) || places.contains(path)
            }
        } catch {
            throw error.diagnostic("copy", project.directory.display)
        }
        let words = try await project.words(in: workshop)
        let commands = Commands(
            project: project,
            workshop: workshop,
            platform: platform,
            environment: workshop.environment(project.ecosystem, words),
            shown: [(source, "OUT")]
        )
        let output = try workshop.output(for: platform).appending(project.directory.name)
        let isBoot = text(isMaven ? ["pom.xml"] : Ecosystem.gradle.manifests).contains("org.springframework.boot")
        if isMaven {
            // A whole archive brings its libraries; others have them beside them.
            let libraries = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=target/lib"]
            try await commands.run(
                java.tool,
                java.words + ["-B", "-ntp", "-DskipTests", "-Dproject.build.outputTimestamp=1980-01-01T00:00:02Z"]
                    + (workshop.isOffline ? ["-o"] : []) + words.flags + ["package"] + (isBoot ? [] : libraries),
                in: source
            )
        } else {
            let isApplication = !isBoot && text(Ecosystem.gradle.manifests).contains("application")
            try await commands.run(
                java.tool,
                java.words
                    + [
                        "--no-daemon", "--console=plain",
                        isApplication ? "installDist" : isBoot ? "bootJar" : "assemble",
                    ]
                    + (workshop.isOffline ? ["--offline"] : []) + words.flags,
                in: source
            )
            if isApplication { return try installed(in: source, output) }
        }
        let archive = try archive(in: source, isMaven ? "target" : "build/libs")
        let layout = layout(output, source)
        do throws(SystemError) {
            guard output.withCString({ mkdir($0, 0o700) }) == 0 else { throw .last }
            let libraries = archive.directory.appending("lib")
            let hasLibraries = !isBoot && (try? FileStatus(at: libraries))?.kind == .directory
            if layout.unpack(archive) {
                let names = hasLibraries ? try directoryEntries(of: libraries) : []
                try layout.add(
                    names.map { libraries.appending(name: $0) }.filter { $0.name.hasSuffix(".jar") }
                        .sorted { $0.name < $1.name }
                )
            } else {
                try TreeCopy.make(of: archive, at: output.appending(archive.name))
                if hasLibraries { try TreeCopy.make(of: libraries, at: output.appending("lib")) }
            }
        } catch {
            throw error.diagnostic("copy", archive.display)
        }
        return output
    }

    private func text(_ names: [String]) -> String {
        names.compactMap { try? OpenFile.content(of: project.directory.appending($0), limit: 4 << 20) }
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }

    /// What `installDist` has made: a start script and libraries.
    private func installed(in source: FilePath, _ output: FilePath) throws(Diagnostic) -> FilePath {
        let places = modules(of: source).map { $0.appending("build/install") }.flatMap { place in
            ((try? directoryEntries(of: place)) ?? []).map { place.appending(name: $0) }
        }
        let name = try project.chosen(of: places.map(\.name), preferring: nil, in: workshop)
        let place = places.first { $0.name == name } ?? places[0]
        do throws(SystemError) {
            try TreeCopy.make(of: place, at: output)
            try layout(output, source).arrange()
        } catch {
            throw error.diagnostic("copy", place.display)
        }
        return output
    }

    /// Knows which archives are the project's own.
    private func layout(_ output: FilePath, _ source: FilePath) -> JavaLayout {
        let folder = project.ecosystem == .maven ? "target" : "build/libs"
        let names = modules(of: source).flatMap { (try? directoryEntries(of: $0.appending(folder))) ?? [] }
        return JavaLayout(output: output, own: Set(names.map { String(decoding: $0, as: UTF8.self) }))
    }

    /// The archive that starts, of those that were built.
    private func archive(in source: FilePath, _ folder: String) throws(Diagnostic) -> FilePath {
        let all = modules(of: source).map { $0.appending(folder) }.flatMap { place in
            ((try? directoryEntries(of: place)) ?? []).map { place.appending(name: $0) }
        }.filter { file in
            (file.name.hasSuffix(".jar") || file.name.hasSuffix(".war"))
                && !["-sources.jar", "-javadoc.jar", "-tests.jar", "-plain.jar"].contains { file.name.hasSuffix($0) }
                && !file.name.hasPrefix("original-")
        }
        let starting = all.filter { JavaArchive($0)?.manifest.mainClass != nil }
        let found = starting.isEmpty ? all : starting
        // Archives are named with their versions; a program is named without.
        func name(_ file: FilePath) -> String {
            let words = file.name.dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
            return words.prefix { !($0.first?.isNumber ?? false) }.joined(separator: "-")
        }
        let chosen = try project.chosen(of: found.map(name), preferring: nil, in: workshop)
        return found.first { name($0) == chosen } ?? found[0]
    }

    /// The directory, and those directly in it.
    private func modules(of source: FilePath) -> [FilePath] {
        let names = ((try? directoryEntries(of: source)) ?? []).sorted { $0.lexicographicallyPrecedes($1) }
        return [source] + names.map { source.appending(name: $0) }
    }
}
