package import ArgumentParser
import Comparison
import Diagnostics
import ImagePages
import Images
import OCI
import Request
import SharedOptions
import Terminal

package struct DiffCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say what is different between two images: the kind first, then packages and files.",
        usage: "coracle diff <image> <image> [<options>]",
        discussion: HelpExamples(
            "coracle diff ghcr.io/me/server:1.0 ghcr.io/me/server:1.1",
            "coracle diff server.oci ghcr.io/me/server:1.0 --platform linux/arm64",
            "coracle diff debian12/cc debian13/cc --markdown    for a pull request",
            "coracle diff ./rootfs server.oci                   a directory, unpacked",
            note: """
                Exits with 0 if they are the same, and with 1 if they differ, like diff(1).
                """
        ).text
    )

    @Argument(
        help: ArgumentHelp(
            "An image: a layout, an archive, a reference, a base. Or a directory, as a root filesystem.",
            valueName: "image"
        )
    )
    var left: String

    @Argument(help: ArgumentHelp("The image that it is compared with.", valueName: "other"))
    var right: String

    @OptionGroup var platform: PlatformOptions

    @Option(
        help: ArgumentHelp(
            "What does not count as different: compression, form, order, times, layering, description. Repeatable.",
            valueName: "kinds"
        )
    )
    var ignore: [String] = []

    @Option(
        help: ArgumentHelp(
            "Files that do not count, as a pattern of .dockerignore: var/log, **/*.pyc. Repeatable.",
            valueName: "pattern"
        )
    )
    var ignorePath: [String] = []

    @Flag(help: "Ignore all of these: only configuration, files and packages count.")
    var semantic = false

    @Flag(help: "List everything, and not only the first of each kind.")
    var all = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @Flag(help: "Print tables in Markdown, for a pull request.")
    var markdown = false

    @Option(
        help: ArgumentHelp(
            "Write a page about the differences: pictures and tables, in one file for a browser. - is standard output.",
            valueName: "file"
        )
    )
    var html: String?

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        let platforms = try platform.platforms()
        let ignored = try Self.kinds(ignore).union(semantic ? DifferenceKind.unseen : [])
        let paths = try Self.paths(ignorePath)
        guard !json || !markdown else {
            throw Diagnostic(
                .usageConflict,
                "`--json` and `--markdown` contradict each other",
                at: .option("--markdown"),
                because: "each prints the whole result, in a form of its own",
                hint: "leave out one of them"
            )
        }
        if html != nil, json || markdown {
            throw Diagnostic(
                .usageConflict,
                "`--html` and `\(json ? "--json" : "--markdown")` contradict each other",
                at: .option("--html"),
                because: "each gives the whole result, in a form of its own",
                hint: "run the command once for each"
            )
        }
        let difference = try await registry.withAccess(doing: "comparing", bases: bases) { access in
            let subjects = try (
                ComparisonSubject(parsing: left, for: platforms, access),
                ComparisonSubject(parsing: right, for: platforms, access)
            )
            let comparer = ImageComparer(access, ignoring: ignored, paths)
            return try await comparer.compare(subjects.0, subjects.1, for: platforms)
        }
        let most = all ? Int.max : nil
        if let html {
            try Console.output(bytes: DifferencePage(of: difference).bytes, to: html)
        } else if markdown {
            try Console.output(nil, else: most.map { difference.markdown(atMost: $0) } ?? difference.markdown())
        } else {
            let lines = most.map { difference.text(atMost: $0) } ?? difference.text()
            try Console.output(json ? ResultDocument(difference.json) : nil, else: lines)
        }
        // As diff(1) does, for scripts that ask nothing else.
        if !difference.isSame { throw ExitCode(1) }
    }

    /// - Throws: `usage.malformed` for what is not a pattern, and for a text without any.
    private static func paths(_ patterns: [String]) throws(Diagnostic) -> IgnoredPaths {
        for pattern in patterns {
            var reason: String?
            do throws(Diagnostic) {
                if try IgnoredPaths([pattern]).isEmpty { reason = "it names no path" }
            } catch {
                reason = error.reason ?? error.summary
            }
            guard let reason else { continue }
            throw .optionMalformed(.usageMalformed, "--ignore-path", pattern, because: reason, example: "var/log")
        }
        return try IgnoredPaths(patterns)
    }

    /// Kinds, each an option's value, or several with commas between them.
    ///
    /// - Throws: `usage.malformed` for words that are not kinds, and for those that a container sees.
    private static func kinds(_ texts: [String]) throws(Diagnostic) -> Set<DifferenceKind> {
        var kinds = Set<DifferenceKind>()
        for text in texts {
            for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
                guard let kind = DifferenceKind(named: word), DifferenceKind.unseen.contains(kind) else {
                    let known = DifferenceKind.unseen.sorted().map(\.name).joined(separator: ", ")
                    let reason =
                        DifferenceKind(named: word) == nil
                        ? "it is not among \(known)" : "a container sees it; what can be ignored is \(known)"
                    throw .optionMalformed(.usageMalformed, "--ignore", text, because: reason, example: "times,order")
                }
                kinds.insert(kind)
            }
        }
        return kinds
    }
}
