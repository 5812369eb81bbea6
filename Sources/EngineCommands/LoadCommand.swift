import Applications
package import ArgumentParser
import ByteIO
import Diagnostics
import Engines
import Images
import OCI
import SharedOptions
import Store
import Terminal

/// `coracle load`.
package struct LoadCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Load an image into docker, podman, containerd, k3s, kind or minikube.",
        usage: "coracle load <image> [--to <engine>] [<options>]",
        discussion: HelpExamples(
            "coracle load server.oci",
            "coracle load server.oci --name example.com/server:1.0 --to kind",
            "coracle load ghcr.io/me/server:1.0 --to podman",
            "coracle load server.oci --to k3s -o - | ssh node sudo k3s ctr images import -",
            note: """
                Without --to the engine is taken that is there, by its socket or its program.
                The image is streamed; only what this machine's platform needs is sent.
                Standard output is one line REF@sha256:… for each name.
                """
        ).text
    )

    @Argument(help: "A layout, an archive or a reference.")
    var image: String

    @OptionGroup var engine: EngineOptions

    @Option(help: ArgumentHelp("The image's name in the engine. Repeatable.", valueName: "ref"))
    var name: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Load nothing, and write the archive that the engine takes: into a file, or `-` for standard output.",
            valueName: "path"
        )
    )
    var output: String?

    @OptionGroup var platform: PlatformOption
    @OptionGroup var parallel: ParallelOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        let source = try ImageLocation(source: image)
        var names: [Reference] = []
        for text in name { names.append(try ImageLocation.reference(parsing: text)) }
        try ImageCopy.checkNames(names)
        var copy = ImageCopy(from: source, to: .caller(name: nil))
        copy.platform = try platform.parsed()
        if let output {
            try await write(copy, names, to: output)
            return
        }
        let found = try await engine.found()
        let (wanted, named) = (copy, names)
        let report = try await registry.withAccess(doing: "loading", parallel: try parallel.parallel()) { access in
            var images = try await wanted.gathered(access)
            try give(&images, named, source)
            let load = EngineOptions.load(into: found, wanted.platform, note: access.note)
            return try await load.load(images)
        }
        for line in report.lines { Console.log(line.escapedForTerminal) }
        try Console.output(
            json ? ResultDocument(report.json) : nil,
            else: report.references,
            after: "the image is loaded"
        )
    }

    private func write(_ copy: ImageCopy, _ names: [Reference], to output: String) async throws {
        guard !json || output != "-" else {
            throw Diagnostic(
                .usageConflict,
                "standard output cannot be an archive and a document",
                at: .option("--output"),
                hint: "write the archive to a file"
            )
        }
        if output == "-" { try StandardOutputStream.check() }
        let kind = try engine.wanted() ?? .docker
        let (stream, report) = try await registry.withAccess(doing: "reading", parallel: try parallel.parallel()) {
            access -> (ArchiveStream, CopyReport) in
            var images = try await copy.gathered(access)
            try give(&images, names, copy.source)
            let stream = try await EngineLoad.archive(of: images, for: kind, copy.platform, machine: .ofThisMachine)
            return (stream, await copy.reported(images, access))
        }
        if output == "-" {
            try StandardOutputStream.write(stream)
            for line in report.references { Console.log(line.escapedForTerminal) }
        } else {
            try stream.write(to: try ArchiveDestination(FilePath(output)).path)
            try Console.output(json ? ResultDocument(report.json) : nil, else: report.references)
        }
    }

    /// Gives the image the names that were asked for, else those that it has, else that of its file.
    private func give(_ images: inout ImageSet, _ names: [Reference], _ source: ImageLocation) throws(Diagnostic) {
        if !names.isEmpty {
            images.names = names
        } else if images.names.isEmpty, let name = Self.name(of: source, images) {
            images.names = [name]
            Console.note([Diagnostic(.engineNamed, "the image has no name, and is called `\(name)`")])
        }
    }

    /// The name for what is in a file: the file's, with the tag that the image has there.
    private static func name(of source: ImageLocation, _ images: ImageSet) -> Reference? {
        switch source {
        case .layout(let path, _), .archive(let path, _), .dockerArchive(let path, _):
            var name = path.name.lowercased()
            for ending in [".oci", ".tar"] where name.hasSuffix(ending) { name.removeLast(ending.count) }
            let tag = images.top.annotations?[AnnotationKey.refName] ?? "latest"
            return (try? Reference(parsing: "\(name):\(tag)")) ?? (try? Reference(parsing: "\(name):latest"))
        case .registry, .catalogue: return nil
        }
    }
}

extension Diagnostic.Code {
    static let engineNamed = Self("engine.named", .usage)
}
