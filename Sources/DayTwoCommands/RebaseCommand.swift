package import ArgumentParser
import ByteIO
import Diagnostics
import Images
import OCI
import Rebasing
import Request
import SBOM
import SharedOptions
import Store
import Terminal

/// `coracle rebase`: another base under a finished image.
package struct RebaseCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rebase",
        abstract: "Put a finished image on another base, without building it again.",
        usage: """
            coracle rebase <image> --onto <base> --push [-t <ref> ...] [<options>]
            coracle rebase <image> --onto <base> --output <path> [<options>]
            """,
        discussion: HelpText(
            "coracle rebase ghcr.io/me/server:1.0 --onto debian:13-slim --push",
            "coracle rebase ghcr.io/me/app --onto debian13/cc --push -t ghcr.io/me/app:2",
            "coracle rebase server.oci --onto debian13/cc --output server2.oci",
            "coracle rebase server.oci --onto debian13/cc --old-base debian12/cc --dry-run",
            note: """
                The image's own layers stay byte for byte, for all its platforms. What its
                configuration has from the old base is replaced by what the new one says.
                Before anything is written it is checked whether the image can run there:
                exits with 9 if not. What failed on the old base already refuses nothing.

                Signatures are of the old image. Standard output is one line REF@sha256:…
                """
        ).text
    )

    @Argument(help: "The image: a reference, a layout, an archive.")
    var image: String

    @Option(help: ArgumentHelp("The new base, as `build --base` takes it.", valueName: "base"))
    var onto: String

    @Option(
        help: ArgumentHelp(
            "What the image is built upon, where it does not say so itself: a base, or scratch.",
            valueName: "base"
        )
    )
    var oldBase: String?

    @Flag(help: "Push the result: under the image's own name, or under those of --tag.")
    var push = false

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("What the result is called. Repeatable. Default: as the image", valueName: "ref")
    )
    var tag: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Write the result here: a directory, or a file that ends in `.tar`.", valueName: "path")
    )
    var output: String?

    @Flag(help: "Say what would become of the image, and write nothing.")
    var dryRun = false

    @OptionGroup var platform: PlatformOptions
    @OptionGroup var rules: AllowedRules

    @Flag(help: "Do not check whether the image can run on its new base.")
    var noCheck = false

    @Option(
        help: ArgumentHelp(
            "Attach a list of what is in the image, with --push: spdx, cyclonedx or none. Default: spdx",
            valueName: "format"
        )
    )
    var sbom: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var parallel: ParallelOptions
    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        let gate = noCheck ? nil : try rules.options()
        let platforms = try platform.platforms()
        let format = try listFormat()
        let epoch = try SourceDateEpoch.fromEnvironment()
        var names: [Reference] = []
        for text in tag { names.append(try ImageLocation.reference(parsing: text)) }
        let tags = names
        let report = try await registry.withAccess(doing: "rebasing", parallel: try parallel.parallel(), bases: bases) {
            access -> RebaseReport in
            let source = try ImageLocation(source: image)
            let destination = try destination(of: source, tags)
            var rebase = Rebase(source, onto: try access.location(ofBase: onto))
            rebase.oldBase =
                try oldBase.map { text throws(Diagnostic) in
                    text == "scratch" ? .scratch : .image(try access.location(ofBase: text))
                } ?? .search
            rebase.platforms = platforms
            rebase.gate = gate
            rebase.created = epoch
            let images = try await rebase.run(access)
            for findings in images.findings { Console.report(findings) }
            return try await place(images, from: source, at: destination, tags, format, epoch, access)
        }
        for line in report.text { Console.log(line.escapedForTerminal) }
        try Console.output(
            json ? ResultDocument(report.json) : nil,
            else: report.references,
            after: dryRun ? nil : "the image is in place"
        )
    }

    private func place(
        _ images: RebasedImages,
        from source: ImageLocation,
        at destination: ImageCopy.Destination?,
        _ tags: [Reference],
        _ format: SBOMFormat?,
        _ epoch: Timestamp?,
        _ access: ImageAccess
    ) async throws(Diagnostic) -> RebaseReport {
        var set = try await images.set()
        let digest = images.isUnchanged ? images.originalDigest : set.top.digest
        guard let destination else { return RebaseReport(images, onto: onto, digest: digest) }
        let copy = ImageCopy(from: source, to: destination)
        if images.isUnchanged {
            // No byte of it changes: where it is already, it stays.
            if case .registry(let names) = destination, case .registry(let own) = source,
                names.allSatisfy({ $0.normalized == own.normalized })
            {
                return RebaseReport(images, onto: onto, digest: digest, names: names)
            }
            return RebaseReport(images, onto: onto, digest: digest, try await copy.run(access))
        }
        set.names = tags
        let placed = try await copy.place(set, access)
        guard case .registry(let names) = destination, let format else {
            return RebaseReport(images, onto: onto, digest: digest, placed)
        }
        let statements = RebaseStatements(access, as: format, created: epoch, by: coracleVersion)
        do throws(Diagnostic) {
            let attached = try await statements.attach(to: set, named: names)
            return RebaseReport(images, onto: onto, digest: digest, placed, attached: attached)
        } catch {
            guard sbom == nil, ![.cancelled, .bug].contains(error.code.category) else { throw error }
            access.note(unattached(error, names))
            return RebaseReport(images, onto: onto, digest: digest, placed)
        }
    }

    private func unattached(_ problem: Diagnostic, _ names: [Reference]) -> Diagnostic {
        Diagnostic(
            .rebaseUnattached,
            "what is in the image is not attached to it",
            at: names.first.map { .image($0.text) },
            because: problem.reason.map { "\(problem.summary): \($0)" } ?? problem.summary,
            hint: "the image is in place; `--sbom none` leaves this out, and with `--sbom spdx` it has to work"
        )
    }

    /// `nil` if nothing is to be attached.
    private func listFormat() throws(Diagnostic) -> SBOMFormat? {
        guard push || sbom == nil || sbom == "none" else {
            throw Diagnostic(
                .usageConflict,
                "`--sbom` attaches a list to what is pushed",
                at: .option("--sbom"),
                because: "`--push` is not given",
                hint: "leave it out"
            )
        }
        guard sbom != "none" else { return nil }
        return try SBOMOptions.format(sbom ?? "spdx", "--sbom")
    }

    /// Where the result goes; `nil` if nothing is to be written.
    private func destination(
        of source: ImageLocation,
        _ tags: [Reference]
    ) throws(Diagnostic) -> ImageCopy.Destination? {
        for tag in tags where tag.digest != nil {
            throw Diagnostic(
                .usageMalformed,
                "`\(tag.text)` names a digest, and the result has its own",
                at: .option("--tag"),
                hint: "leave out what follows `@`"
            )
        }
        if push, output != nil {
            throw Diagnostic(
                .usageConflict,
                "`--push` and `--output` both say where the result goes",
                at: .option("--output"),
                hint: "leave one of them out"
            )
        }
        if dryRun { return nil }
        if push {
            guard tags.isEmpty else { return .registry(tags) }
            guard case .registry(let reference) = source, reference.digest == nil else {
                throw Diagnostic(
                    .usageConflict,
                    "`--push` needs a name for the result",
                    at: .option("--push"),
                    because: "`\(image)` is not a name that can be pushed to",
                    hint: "add `-t REGISTRY/REPOSITORY:TAG`"
                )
            }
            return .registry([reference])
        }
        guard let output else {
            throw Diagnostic(
                .usageConflict,
                "`rebase` needs a place for the result",
                because: "it is neither pushed nor written to a file",
                hint: "add `--output PATH`; with `--dry-run` nothing is written"
            )
        }
        return ImageCopy.Destination(try ImageLocation(path: output))
    }
}

extension Diagnostic.Code {
    static let rebaseUnattached = Self("rebase.unattached", .network)
}
