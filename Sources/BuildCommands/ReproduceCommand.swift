package import ArgumentParser
import Build
import ByteIO
import Checkup
import Diagnostics
import Glibc
import Images
import OCI
import Reproduction
import Request
import SharedOptions
import SignedImages
import Signing
import Terminal

/// `coracle reproduce`.
package struct ReproduceCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "reproduce",
        abstract: "Make an image again from its inputs, and say whether it is the same, or why not.",
        usage: """
            coracle reproduce <image> --from <path> ... [<options>] [-- <options>]
            coracle reproduce --twice --from <path> ... [<options>] [-- <options>]
            """,
        discussion: HelpExamples(
            "coracle reproduce ghcr.io/me/server:1.0 --from ./server",
            "coracle reproduce app.oci --from ./app --from config.yaml",
            "coracle reproduce --twice --from ./server",
            note: """
                How the image was made is read from its provenance, and where there is
                none, from the image itself. Behind two hyphens stand options of `build`.
                Exits with 9 if the result is not the same.
                """
        ).text
    )

    @Argument(help: "An image that coracle made: a layout, an archive, a reference.")
    var image: String?

    @Option(
        help: ArgumentHelp(
            "What the image was made from: the programs or the directory first, then what `--add` added, in its order. Repeatable.",
            valueName: "path"
        )
    )
    var from: [String] = []

    @Option(help: ArgumentHelp("What `build --provenance-output` wrote. Default: what is attached", valueName: "file"))
    var provenance: String?

    @Flag(
        help:
            "Build the inputs twice, with other cores, umask, locale, time zone, paths and order, and compare the two."
    )
    var twice = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Bases") var layering: LayeringOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("Options of `build` that neither the image nor its provenance says.", valueName: "option")
    )
    var options: [String] = []

    package init() {}

    package func run() async throws {
        let given = try Self.given(options)
        guard let image else {
            guard twice, !from.isEmpty else { throw Self.nothing(isTwice: twice) }
            return try await registry.withAccess(doing: "building twice", bases: bases, layering: layering) { access in
                let report = try await buildTwice(given, from, access)
                try finish(report.isSame, report.json(besides: nil), report.text(besides: nil))
            }
        }
        try await reproduce(image, given)
    }

    private func reproduce(_ image: String, _ given: [RecordedOption]) async throws {
        try await registry.withAccess(doing: "reading the image", bases: bases, layering: layering) {
            access in
            // What is made one layer is the image's base, and not the image.
            let location =
                layering.squashBase
                ? try ImageLocation(source: image) : try CheckSubject.image(named: image, access)
            let original = try await MadeImages(location, access)
            let record = try await record(of: original, location, access)
            let builder = Builder(cores: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), access: access)
            let reproducer = Reproducer(builder, version: coracleVersion) { options, paths throws(DiagnosticList) in
                try Self.request(options, paths, access)
            }
            let task = Reproducer.Task(original, record, sources: from, given: given)
            Activity.begin("planning")
            let draft = try await reproducer.draft(task)
            if twice {
                let report = try await buildTwice(draft.options, draft.paths, access)
                return try finish(
                    report.isSame && report.first == original.top,
                    report.json(besides: (original.name, original.top)),
                    report.text(besides: original.top)
                )
            }
            Activity.begin("making the image again")
            let directory = try CleanDirectory(in: access.settings.temporaryDirectory)
            let result = try await reproducer.reproduce(task, draft, in: directory.path)
            Console.note(result.notes)
            try finish(result.isSame, result.json, result.text)
        }
    }

    private func finish(_ isSame: Bool, _ document: JSON, _ text: [String]) throws {
        try Console.output(json ? ResultDocument(document) : nil, else: text)
        if !isSame { throw ExitCode(Diagnostic.Category.policy.rawValue) }
    }

    private static func nothing(isTwice: Bool) -> Diagnostic {
        Diagnostic(
            .usageMalformed,
            "nothing is named that could be made again",
            at: .option(isTwice ? "--from" : "image"),
            hint: isTwice
                ? "name what is built with `--from PATH`"
                : "name an image, and what it was made from with `--from PATH`"
        )
    }

    /// Builds in two processes of this program.
    private func buildTwice(
        _ options: [RecordedOption],
        _ paths: [String],
        _ access: ImageAccess
    ) async throws -> TwiceReport {
        guard let program = FilePath("/proc/self/exe").resolved, let here = FilePath(".").resolved else {
            throw Diagnostic(
                .usageConflict,
                "coracle cannot find itself",
                at: .option("--twice"),
                because: "`/proc` or the working directory is not there",
                hint: "mount `/proc`, and start in a directory that exists"
            )
        }
        let directory = try CleanDirectory(in: access.settings.temporaryDirectory)
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : here.appending(path).display }
        var words = BuildOptions.absolute(options, in: here).map(\.word)
        if layering.squashBase { words.append("--squash-base") }
        words += Catalogue.directories(access.settings).map { "--bases=\(absolute($0.display))" }
        words += bases.mirror.map { "--mirror=\($0)" } + bases.snapshot.map { "--snapshot=\($0)" }
        if let cache = registry.cacheDir { words.append("--cache-dir=\(absolute(cache))") }
        words += registry.insecureRegistry.map { "--insecure-registry=\($0)" }
        if registry.offline { words.append("--offline") }
        return try await TwiceRun(
            program,
            words,
            paths.map { FilePath(absolute($0)) },
            environment: ProcessEnvironment.current,
            in: directory.path
        ).run(access)
    }

    /// The options behind `--`.
    ///
    /// - Throws: `usage.malformed` for paths; what ArgumentParser throws for what is not an option of `build`.
    private static func given(_ words: [String]) throws -> [RecordedOption] {
        let options = try BuildOptions.parse(words)
        if let path = options.paths.first {
            throw Diagnostic(
                .usageMalformed,
                "`\(path)` stands behind the two hyphens, where options of `build` are",
                at: .option("--"),
                hint: "give what the image was made from with `--from \(path)`"
            )
        }
        return options.given
    }

    private static func request(
        _ options: [RecordedOption],
        _ paths: [String],
        _ access: ImageAccess
    ) throws(DiagnosticList) -> BuildRequest {
        let build: BuildOptions
        do {
            build = try BuildOptions.parse(options.map(\.word) + ["--"] + paths)
        } catch {
            throw DiagnosticList(
                Diagnostic(
                    .usageMalformed,
                    "the options that the image was made with are not understood",
                    because: BuildOptions.message(for: error),
                    hint: "use the coracle that built the image"
                )
            )
        }
        let parsed = build.parsed(access)
        if let list = DiagnosticList(parsed.problems) { throw list }
        return parsed.request
    }

    /// The provenance that was given, or hangs on the image; `nil` if there is none.
    private func record(
        of original: MadeImages,
        _ location: ImageLocation,
        _ access: ImageAccess
    ) async throws(Diagnostic) -> BuildRecord? {
        if let provenance {
            let bytes: [UInt8]
            do throws(SystemError) {
                bytes = try OpenFile.content(of: FilePath(provenance), limit: Self.largestStatement)
            } catch {
                throw error.diagnostic("read provenance", provenance)
            }
            let statement = try Statement(decoding: bytes, named: provenance)
            return try BuildRecord(
                statement,
                about: original.digests,
                allowing: BuildOptions.recordedNames,
                named: provenance
            )
        }
        let reader = try SignatureReader(access, location)
        for digest in original.digests {
            for signature in try await reader.signatures(of: digest) {
                // What another tool states of it, or of another image, is not for us.
                guard let claim = signature.claim, claim.predicateType == .provenance,
                    let record = try? BuildRecord(
                        claim,
                        about: original.digests,
                        allowing: BuildOptions.recordedNames,
                        named: signature.place
                    )
                else { continue }
                return record
            }
        }
        return nil
    }

    private static let largestStatement = 64 << 20
}

/// An empty directory, deleted with its last use.
private final class CleanDirectory: Sendable {
    let path: FilePath

    /// - Throws: `io.failed`.
    init(in directory: FilePath) throws(Diagnostic) {
        let path = TemporaryPaths.name(in: directory, for: "reproduce")
        TemporaryPaths.insert(path)
        if let error = TemporaryPaths.naming({ path.withCString { mkdir($0, 0o700) } }) {
            throw error.diagnostic("create a directory", path.display)
        }
        self.path = path
    }

    deinit {
        deleteTree(path)
        TemporaryPaths.remove(path)
    }
}
