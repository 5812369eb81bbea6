package import ArgumentParser
import Build
import BuildAttachments
import ByteIO
import Diagnostics
import Handover
import Images
import OCI
import Rebasing
import Request
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
        discussion: HelpExamples(
            "coracle rebase ghcr.io/me/server:1.0 --onto debian:13-slim --push",
            "coracle rebase ghcr.io/me/app --onto debian13/cc --push -t ghcr.io/me/app:2",
            "coracle rebase server.oci --onto debian13/cc --output server2.oci",
            "coracle rebase server.oci --onto debian13/cc --old-base debian12/cc --dry-run",
            note: """
                The image's own layers stay byte for byte, for all its platforms. What its
                configuration has from the old base is replaced by what the new one says.
                Before anything is written it is checked whether the image can run there:
                exits with 9 if not. What failed on the old base already refuses nothing.

                The old base is found by what the image says, else among the images of --from
                and the new base's tags of the same kind; the layers have to prove it.
                Signatures are of the old image: --sign-key signs the new one. Standard output
                is one line REF@sha256:…
                """
        ).text
    )

    @Argument(help: "The image: a reference, a layout, an archive.")
    var image: String

    @Option(
        help: ArgumentHelp("The new base, as `build --base` takes it.", valueName: "base"),
        completion: Completions.bases
    )
    var onto: String

    @Option(
        help: ArgumentHelp(
            "What the image is built upon, where it does not say so itself: a base, or scratch.",
            valueName: "base"
        )
    )
    var oldBase: String?

    @Option(
        help: ArgumentHelp(
            "Could be the old base: the one with the most of the image's layers is taken. Repeatable.",
            valueName: "base"
        )
    )
    var from: [String] = []

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
            "Attach a list of what is in the image: spdx, cyclonedx or none. Default: spdx with --push",
            valueName: "format"
        )
    )
    var sbom: String?

    @Option(help: ArgumentHelp("Write the same list to a file.", valueName: "file"))
    var sbomOutput: String?

    @Option(
        help: ArgumentHelp(
            "Sign what is pushed with this private key, each platform's image too: a file, or env://NAME.",
            valueName: "key"
        )
    )
    var signKey: String?

    @Flag(help: "Attest the old image and both bases (SLSA provenance), signed by --sign-key.")
    var provenance = false

    @Option(help: ArgumentHelp("Write the same as a statement that is not signed.", valueName: "file"))
    var provenanceOutput: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var parallel: ParallelOptions
    @OptionGroup(title: "For other programs") var forPrograms: HandoverOptions
    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        let handover = try forPrograms.handover()
        do {
            try await rebase(handover)
        } catch {
            try handover.tell(failure: error)
            throw error
        }
    }

    private func rebase(_ handover: Handover) async throws {
        let gate = noCheck ? nil : try rules.options()
        let platforms = try platform.platforms()
        let epoch = try SourceDateEpoch.fromEnvironment()
        try refuseTwoOldBases()
        var names: [Reference] = []
        for text in tag { names.append(try ImageLocation.reference(parsing: text)) }
        let tags = names
        let report = try await registry.withAccess(doing: "rebasing", parallel: try parallel.parallel(), bases: bases) {
            access -> RebaseReport in
            let source = try ImageLocation(source: image)
            let destination = try destination(of: source, tags)
            let statements = try statements(at: destination, access)
            var rebase = Rebase(source, onto: try access.location(ofBase: onto))
            rebase.oldBase =
                try oldBase.map { text throws(Diagnostic) in
                    text == "scratch" ? .scratch : .image(try access.location(ofBase: text))
                } ?? .search
            for text in from { rebase.candidates.append(try access.location(ofBase: text)) }
            rebase.platforms = platforms
            rebase.gate = gate
            rebase.created = epoch
            let images = try await rebase.run(access)
            for findings in images.findings { Console.report(findings) }
            let work = Work(images: images, rebase: rebase, statements: statements)
            return try await place(work, at: destination, tags, access)
        }
        for line in report.text { Console.log(line.escapedForTerminal) }
        if let delivered = report.delivered { try handover.tell(.init([delivered])) }
        try Console.output(
            json ? ResultDocument(report.json) : nil,
            else: report.references,
            after: dryRun ? nil : "the image is in place"
        )
    }

    /// Images, what they were made by, and what is said about them.
    private struct Work: Sendable {
        let images: RebasedImages
        let rebase: Rebase
        /// `nil` if nothing is said.
        let statements: AttachedStatements?

        /// What the images were put together from, if that is asked.
        func predicate(_ access: ImageAccess) throws(Diagnostic) -> JSON? {
            guard let builder = statements?.builder else { return nil }
            guard !images.isUnchanged else {
                access.note(
                    Diagnostic(
                        .rebaseUnstated,
                        "there is no provenance of a rebase",
                        because: "the image is on the new base already, and stays what it was"
                    )
                )
                return nil
            }
            return try RebaseProvenance(of: images, from: rebase.image, onto: rebase.base, by: builder, access)
                .predicate
        }
    }

    private func place(
        _ work: Work,
        at destination: ImageCopy.Destination?,
        _ tags: [Reference],
        _ access: ImageAccess
    ) async throws(Diagnostic) -> RebaseReport {
        let images = work.images
        var set = try await images.set()
        let digest = images.isUnchanged ? images.originalDigest : set.top.digest
        guard let destination else { return RebaseReport(images, onto: onto, digest: digest) }
        let copy = ImageCopy(from: work.rebase.image, to: destination)
        let predicate = try work.predicate(access)
        if images.isUnchanged {
            // No byte of it changes: where it is already, it stays.
            if case .registry(let names) = destination, case .registry(let own) = work.rebase.image,
                names.allSatisfy({ $0.normalized == own.normalized })
            {
                let isAsked = work.statements?.isAsked ?? false
                let said = isAsked ? try await work.statements?.state(about: set, predicate, knowing: nil) : nil
                return RebaseReport(images, onto: onto, digest: digest, names: names, attached: said ?? [])
            }
            let report = try await copy.run(access)
            let said = try await work.statements?.state(about: set, predicate, knowing: nil)
            return RebaseReport(images, onto: onto, digest: digest, report, attached: said ?? [])
        }
        set.names = tags
        set = try await work.statements?.accompanied(set, knowing: [:]) ?? set
        let placed = try await copy.place(set, access)
        let said = try await work.statements?.state(about: set, predicate, knowing: [:])
        return RebaseReport(images, onto: onto, digest: digest, placed, attached: said ?? [])
    }

    /// What is said about the result; `nil` if nothing is.
    private func statements(
        at destination: ImageCopy.Destination?,
        _ access: ImageAccess
    ) throws(Diagnostic) -> AttachedStatements? {
        var asked = StatementRequest()
        asked.sbom = sbom
        asked.sbomOutput = sbomOutput
        asked.signKey = signKey
        asked.attestsProvenance = provenance
        asked.provenanceOutput = provenanceOutput
        let place =
            switch destination {
            case .registry(let names)?: StatementPlace(names: names, isPushed: true)
            case .layout(let path, _)?: StatementPlace(names: [], isPushed: false, output: .layout(path))
            case .archive(let path, _)?: StatementPlace(names: [], isPushed: false, output: .archive(path))
            // A trial writes nothing, and says what is wrong with the options all the same.
            case .caller?: preconditionFailure("a rebased image goes to a place of its own")
            case nil: StatementPlace(names: [], isPushed: push, output: output.map { .layout(FilePath($0)) })
            }
        return try AttachedStatements(asked, place, in: ProcessEnvironment.current, access) { access.note($0) }
    }

    private func refuseTwoOldBases() throws(Diagnostic) {
        guard oldBase != nil, !from.isEmpty else { return }
        throw Diagnostic(
            .usageConflict,
            "`--old-base` and `--from` both say what the image is built upon",
            at: .option("--from"),
            because: "`--old-base` names the base, and `--from` those that it could be",
            hint: "leave one of them out"
        )
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
    static let rebaseUnstated = Self("rebase.unstated", .input)
}
