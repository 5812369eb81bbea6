import ArgumentParser
import ByteIO
import Diagnostics
import Images
import OCI

struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Push an image from a layout or an archive to registries.",
        usage: "coracle push <path> <ref> ... [<options>]",
        discussion: """
            coracle push server.oci ghcr.io/me/server:1.0 ghcr.io/me/server:latest

            Blobs that a registry has are not sent again, and tags are set last.
            Credentials are those of docker and podman, or of `coracle login`.
            Standard output is one line REF@sha256:… for each name.
            """
    )

    @Argument(help: "An image layout, or an archive of one or of `docker save`.")
    var path: String

    @Argument(help: ArgumentHelp("Where to push it.", valueName: "ref"))
    var references: [String]

    @Option(help: ArgumentHelp("The image's name or tag in PATH, where there are several.", valueName: "name"))
    var tag: String?

    @Option(help: ArgumentHelp("Push the image for one platform only.", valueName: "platform"))
    var platform: String?

    @Flag(help: "Print what would be sent and who as, and send nothing.")
    var plan = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var parallel: ParallelOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        try checkOrder()
        var names: [Reference] = []
        for text in references { names.append(try ImageLocation.reference(parsing: text)) }
        var copy = ImageCopy(from: try source(), to: .registry(names))
        copy.platform = try platform.map { text throws(Diagnostic) in try Platform(parsing: text) }
        if plan {
            let copy = copy
            let previews = try await registry.withAccess { try await copy.plan($0) }
            try Console.output(
                json ? ResultDocument(["pushes": .array(previews.map(\.json))]) : nil,
                else: previews.flatMap(\.text)
            )
        } else {
            try await copy.perform(registry, parallel, json: json)
        }
    }

    /// Other programs take the reference first.
    private func checkOrder() throws(Diagnostic) {
        guard references.count == 1, (try? FileStatus(at: FilePath(path), following: true)) == nil,
            let image = try? ImageLocation(source: references[0]), (try? ImageLocation.reference(parsing: path)) != nil
        else { return }
        if case .registry = image { return }
        throw Diagnostic(
            .usageMalformed,
            "`push` takes the image first, then where it goes",
            because: "there is no `\(path)` on this machine",
            hint: "write `coracle push \(references[0]) \(path)`"
        )
    }

    private func source() throws(Diagnostic) -> ImageLocation {
        let location = try ImageLocation(path: path)
        guard let tag else { return location }
        switch location {
        case .layout(let path, nil): return .layout(path, name: tag)
        case .archive(let path, nil): return .archive(path, name: tag)
        case .dockerArchive(let path, nil): return .dockerArchive(path, name: tag)
        default:
            throw Diagnostic(
                .usageConflict,
                "`--tag \(tag)` and `\(path)` both name an image",
                at: .option("--tag"),
                hint: "give one of them"
            )
        }
    }
}

struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Pull an image into a layout, or into an archive.",
        usage: "coracle pull <ref> --output <path> [<options>]",
        discussion: """
            coracle pull debian:13-slim -o debian.oci
            coracle pull ghcr.io/me/server:1.0 --platform linux/arm64 -o server.tar

            All platforms come unless one is chosen. Standard output is REF@sha256:…
            """
    )

    @Argument(help: ArgumentHelp("What to pull.", valueName: "ref"))
    var reference: String

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Where to: a directory, or a file that ends in `.tar`.", valueName: "path")
    )
    var output: String

    @Option(help: ArgumentHelp("Pull the image for one platform only.", valueName: "platform"))
    var platform: String?

    @Flag(help: "Bring signatures and other documents about the image, too.")
    var referrers = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var parallel: ParallelOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let source = try ImageLocation(parsing: reference)
        guard case .registry = source else {
            throw Diagnostic(
                .usageConflict,
                "`\(reference)` is on this machine",
                hint: "to copy it, use `coracle copy \(reference) \(output)`"
            )
        }
        var copy = ImageCopy(from: source, to: ImageCopy.Destination(try ImageLocation(path: output)))
        copy.platform = try platform.map { text throws(Diagnostic) in try Platform(parsing: text) }
        copy.includesReferrers = referrers
        try await copy.perform(registry, parallel, json: json)
    }
}

struct CopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy an image between registries, layouts and archives.",
        usage: "coracle copy <source> <destination> [<options>]",
        discussion: """
            coracle copy debian:13-slim registry.example/mirror/debian:13-slim
            coracle copy oci:server.oci:1.0 docker-archive:server.tar:me/server:1.0

            A place is a reference, oci:DIR[:REF], oci-archive:FILE[:REF] or
            docker-archive:FILE[:REF].

            Not a byte of the image changes, so its digest stays. Between repositories
            of one registry no blob is sent.
            """
    )

    @Argument(help: ArgumentHelp("Where it comes from.", valueName: "source"))
    var source: String

    @Argument(help: ArgumentHelp("Where it goes.", valueName: "destination"))
    var destination: String

    @Option(help: ArgumentHelp("Copy the image for one platform only.", valueName: "platform"))
    var platform: String?

    @Flag(help: "Bring signatures and other documents about the image, too.")
    var referrers = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var parallel: ParallelOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        var copy = ImageCopy(
            from: try ImageLocation(source: source),
            to: ImageCopy.Destination(try ImageLocation(parsing: destination))
        )
        copy.platform = try platform.map { text throws(Diagnostic) in try Platform(parsing: text) }
        copy.includesReferrers = referrers
        try await copy.perform(registry, parallel, json: json)
    }
}

extension ImageCopy {
    fileprivate func perform(_ registry: RegistryOptions, _ parallel: ParallelOptions, json: Bool) async throws {
        let report = try await registry.withAccess(parallel: try parallel.parallel()) { try await run($0) }
        try Console.output(json ? ResultDocument(report.json) : nil, else: report.references)
    }
}
