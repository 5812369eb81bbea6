package import ArgumentParser
import ByteIO
import Diagnostics
import Glibc
import Images
import OCI
import SharedOptions
import Terminal

package struct CacheCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Show, verify or empty the cache of fetched and built blobs.",
        discussion: HelpExamples(
            "coracle cache show",
            "coracle cache prune --older-than 30d --max-size 2GB",
            "coracle cache verify"
        ).text,
        subcommands: [
            CacheListCommand.self, CacheShowCommand.self, CacheVerifyCommand.self, CachePruneCommand.self,
            CachePathCommand.self,
        ]
    )

    /// As ArgumentParser asks for.
    package init() {}
}

/// Which cache is meant.
struct CacheOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The cache's directory. Default: as for the other commands", valueName: "directory"))
    var cacheDir: String?

    func cache() throws(Diagnostic) -> ImageCache {
        var settings = RegistrySettings(environment: ProcessEnvironment.current)
        settings.cacheDirectory = cacheDir.map { FilePath($0) }
        return try ImageCache(settings)
    }
}

struct CacheListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the entries, the least recently used first: size, last use, kind, digest.",
        usage: "coracle cache list [<options>]",
        discussion: HelpExamples(
            "coracle cache list",
            "coracle cache list --json",
            "coracle cache list --cache-dir /var/cache/coracle"
        ).text
    )

    @OptionGroup var options: CacheOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let listing = try options.cache().list()
        Console.log(listing.summary)
        let lines = listing.text
        if json || !lines.isEmpty { try Console.output(json ? ResultDocument(listing.json) : nil, else: lines) }
    }
}

struct CacheShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Sum up the entries by kind, or show one entry.",
        usage: "coracle cache show [<kind> | <digest>] [<options>]",
        discussion: HelpExamples(
            "coracle cache show",
            "coracle cache show blob",
            "coracle cache show sha256:5891b5b522d5"
        ).text
    )

    @Argument(help: "A kind, or a digest or its beginning. Default: all kinds")
    var selection: String?

    @OptionGroup var options: CacheOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let overview = try options.cache().show(selection)
        let lines = overview.text
        if json || !lines.isEmpty { try Console.output(json ? ResultDocument(overview.json) : nil, else: lines) }
    }
}

struct CacheVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify every cache entry and delete corrupt ones.",
        usage: "coracle cache verify [<options>]",
        discussion: HelpExamples(
            "coracle cache verify",
            "coracle cache verify --json",
            "coracle cache verify --cache-dir /var/cache/coracle",
            note: """
                Builds may use the cache meanwhile. They verify what they read themselves:
                this finds what is corrupt before they do. Exits with 4 if anything is.
                """
        ).text
    )

    @OptionGroup var options: CacheOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        Activity.show(try RegistryOptions.progress(nil) == .auto)
        Activity.begin("verifying the cache")
        let result = try options.cache().verify()
        Console.log(result.summary)
        let lines = result.text
        if json || !lines.isEmpty { try Console.output(json ? ResultDocument(result.json) : nil, else: lines) }
        if !result.isWhole { throw ExitCode(Diagnostic.Category.verification.rawValue) }
    }
}

struct CachePruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete old entries, or the oldest until a size is reached.",
        usage: "coracle cache prune [<options>]",
        discussion: HelpExamples(
            "coracle cache prune --older-than 30d",
            "coracle cache prune --max-size 2GB --verify",
            "coracle cache prune --all"
        ).text
    )

    @Option(help: ArgumentHelp("Keep at most this much, such as 2GB: the most recently used.", valueName: "size"))
    var maxSize: String?

    @Option(
        help: ArgumentHelp("Delete entries that were not used for this long, such as 30d or 12h.", valueName: "age")
    )
    var olderThan: String?

    @Flag(help: "Delete everything.")
    var all = false

    @Flag(help: "Verify every entry first and delete corrupt ones, as `cache verify` does.")
    var verify = false

    @OptionGroup var options: CacheOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        guard all || maxSize != nil || olderThan != nil || verify else {
            throw Diagnostic(
                .usageMalformed,
                "`cache prune` does not say what to delete",
                hint: "give `--older-than 30d`, `--max-size 2GB`, `--verify` or `--all`"
            )
        }
        guard !all || (maxSize == nil && olderThan == nil) else {
            throw Diagnostic(
                .usageConflict,
                "`--all` leaves nothing for `\(maxSize == nil ? "--older-than" : "--max-size")`",
                at: .option("--all"),
                hint: "give one of them"
            )
        }
        let maximum = try maxSize.map { text throws(Diagnostic) in try Quantity.bytes(text, "--max-size") }
        let age = try olderThan.map { text throws(Diagnostic) in try Quantity.seconds(text, "--older-than") }
        let cache = try options.cache()
        Activity.show(try RegistryOptions.progress(nil) == .auto)
        Activity.begin(verify ? "verifying the cache" : "deleting")
        let verified = verify ? try cache.verify() : nil
        for line in verified.map({ [$0.summary] + $0.text }) ?? [] { Console.log(line.escapedForTerminal) }
        let deleted = try cache.prune(keeping: all ? 0 : maximum, olderThan: age, now: Int64(time(nil)))
        Console.log("deleted \(deleted.summary)")
        if json { try Console.output(ResultDocument(deleted.json), else: []) }
        if let verified, !verified.isWhole { throw ExitCode(Diagnostic.Category.verification.rawValue) }
    }
}

struct CachePathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Print the cache's directory.",
        usage: "coracle cache path [<options>]",
        discussion: HelpExamples(
            "coracle cache path",
            "coracle cache path --cache-dir /var/cache/coracle",
            "du -sh $(coracle cache path)"
        ).text
    )

    @OptionGroup var options: CacheOptions

    func run() throws { try Console.output(nil, else: [options.cache().path.display]) }
}
