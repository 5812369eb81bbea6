package import ArgumentParser
import ByteIO
import Diagnostics
import Glibc
import Images
import OCI
import Recompression
import Request
import SharedOptions
import Terminal

package struct PushCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Push an image from a layout or an archive to registries.",
        usage: "coracle push <path> <ref> ... [<options>]",
        discussion: HelpExamples(
            "coracle push server.oci ghcr.io/me/server:1.0 ghcr.io/me/server:latest",
            "coracle push server.tar ghcr.io/me/server:1.0 --platform linux/arm64",
            "coracle push server.oci ghcr.io/me/server:1.0 --referrers",
            "coracle push server.oci ghcr.io/me/server:1.0 --plan",
            note: """
                Blobs that a registry has are not sent again, and tags are set last.
                Credentials are those of docker and podman, or of `coracle login`.
                Standard output is one line REF@sha256:… for each name.
                """
        ).text
    )

    @Argument(help: "An image layout, or an archive of one or of `docker save`.")
    var path: String

    @Argument(help: ArgumentHelp("Where to push it.", valueName: "ref"))
    var references: [String]

    @Option(
        help: ArgumentHelp("The image's name or tag in PATH, where there are several.", valueName: "name"),
        completion: Completions.tags
    )
    var tag: String?

    @Flag(help: "Print what would be sent and under which account, and send nothing.")
    var plan = false

    @OptionGroup var referrers: ReferrerOptions
    @OptionGroup var options: CopyOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        try checkOrder()
        var names: [Reference] = []
        for text in references { names.append(try ImageLocation.reference(parsing: text)) }
        var copy = ImageCopy(from: try source(), to: .registry(names))
        guard plan else {
            try await options.perform(copy, registry, referrers)
            return
        }
        copy.platform = try options.platform.parsed()
        copy.format = try options.format.parsed(referrers: referrers.referrers)
        copy.includesReferrers = referrers.referrers
        let wanted = copy
        let previews = try await registry.withAccess(doing: "asking the registries") { try await wanted.plan($0) }
        let json: JSON = ["pushes": .array(previews.map(\.json))]
        try Console.output(options.json ? ResultDocument(json) : nil, else: previews.flatMap(\.text))
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

package struct PullCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Pull an image into a layout, or into an archive.",
        usage: "coracle pull <ref> --output <path> [<options>]",
        discussion: HelpExamples(
            "coracle pull debian:13-slim -o debian.oci",
            "coracle pull ghcr.io/me/server:1.0 --platform linux/arm64 -o server.tar",
            "coracle pull ghcr.io/me/server:1.0 --referrers -o server.oci",
            note: "All platforms come unless one is chosen. Standard output is REF@sha256:…"
        ).text
    )

    @Argument(help: ArgumentHelp("The image to pull.", valueName: "ref"))
    var reference: String

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Write the image here: a directory, a file that ends in `.tar`, or `-` for standard output.",
            valueName: "path"
        )
    )
    var output: String

    @OptionGroup var referrers: ReferrerOptions
    @OptionGroup var options: CopyOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        let source = try ImageLocation(parsing: reference)
        guard case .registry = source else {
            throw Diagnostic(
                .usageConflict,
                "`\(reference)` is on this machine",
                hint: "to copy it, use `coracle copy \(reference) "
                    + "\(output.hasSuffix(".tar") ? "oci-archive" : "oci"):\(output)`"
            )
        }
        let copy = ImageCopy(
            from: source,
            to: output == "-" ? .caller(name: nil) : ImageCopy.Destination(try ImageLocation(path: output))
        )
        try await options.perform(copy, registry, referrers)
    }
}

package struct CopyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy an image between registries, layouts and archives.",
        usage: "coracle copy <source> <destination> [<options>]",
        discussion: HelpExamples(
            "coracle copy debian:13-slim registry.example/mirror/debian:13-slim",
            "coracle copy debian:13-slim oci:debian:13",
            "coracle copy oci:server.oci:1.0 docker-archive:server.tar:me/server:1.0",
            note: """
                A place is a reference, oci:DIR[:REF], oci-archive:FILE[:REF] or
                docker-archive:FILE[:REF]; `-` is an archive to standard output.

                Not a byte of the image changes, so its digest stays; but for --format
                and --compression, which keeps the diffIDs.
                Between repositories of one registry no blob is sent.
                """
        ).text
    )

    @Argument(help: ArgumentHelp("The image to copy.", valueName: "source"))
    var source: String

    @Argument(help: ArgumentHelp("Where it goes.", valueName: "destination"))
    var destination: String

    @Option(
        help: ArgumentHelp(
            "Compress layers again: gzip, or zstd. The manifests' digests change, and signatures stay behind.",
            valueName: "format"
        )
    )
    var compression: String?

    @OptionGroup var referrers: ReferrerOptions
    @OptionGroup var options: CopyOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        var copy = ImageCopy(
            from: try ImageLocation(source: source),
            to: destination == "-"
                ? .caller(name: nil) : ImageCopy.Destination(try ImageLocation(parsing: destination))
        )
        if let compression {
            let recompression = try recompression(compression)
            copy.change = { images, access async throws(Diagnostic) in
                try await recompression.applied(to: images, draftsIn: access.settings.temporaryDirectory)
            }
        }
        try await options.perform(copy, registry, referrers)
    }

    private func recompression(_ text: String) throws(Diagnostic) -> ImageRecompression {
        let codec = try LayerFormatName.codec(text, "--compression")
        guard !referrers.referrers else {
            throw Diagnostic(
                .usageConflict,
                "`--compression` and `--referrers` contradict each other",
                at: .option("--compression"),
                because: "signatures and documents are about the image's digest, which is another one for the copy",
                hint: "leave out `--referrers`, and sign the copy"
            )
        }
        return try ImageRecompression(codec, cores: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }
}
