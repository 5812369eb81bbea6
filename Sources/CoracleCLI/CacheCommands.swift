import ArgumentParser
import ByteIO
import Diagnostics
import Glibc
import Images
import OCI

struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Show, verify or empty the cache of what was fetched and made.",
        discussion: """
            coracle cache show
            coracle cache prune --older-than 30d --max-size 2GB
            coracle cache verify
            """,
        subcommands: [
            CacheListCommand.self, CacheShowCommand.self, CacheVerifyCommand.self, CachePruneCommand.self,
            CachePathCommand.self,
        ]
    )
}

/// Which cache is meant.
struct CacheOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where it is. Default: as for the other commands", valueName: "directory"))
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
        abstract: "List what is kept, the least recently used first: size, last use, kind, digest."
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
        abstract: "Sum up what is kept, by kind, or tell all about one entry.",
        discussion: """
            coracle cache show
            coracle cache show blob
            coracle cache show sha256:5891b5b522d5
            """
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
        abstract: "Read all that is kept, and delete what is not what it was when it was put in.",
        discussion: """
            Builds may use the cache meanwhile. They verify what they read themselves: this finds what is rotten before
            they do. Exits with 4 if something is.
            """
    )

    @OptionGroup var options: CacheOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
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
        abstract: "Delete what is old, or too much.",
        discussion: """
            coracle cache prune --older-than 30d --max-size 2GB

            With --verify it exits with 4 if something was rotten. What other processes are
            just using stays readable to them.
            """
    )

    @Option(help: ArgumentHelp("Keep at most this much, such as 2GB: what was used last.", valueName: "size"))
    var maxSize: String?

    @Option(help: ArgumentHelp("Delete what was not used for so long: 30d, 12h.", valueName: "age"))
    var olderThan: String?

    @Flag(help: "Delete everything.")
    var all = false

    @Flag(help: "Read everything first, and delete what is rotten, as `cache verify` does.")
    var verify = false

    @OptionGroup var options: CacheOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        guard all || maxSize != nil || olderThan != nil || verify else {
            throw Diagnostic(
                .usageMalformed,
                "`cache prune` is not told what to delete",
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
        let verified = verify ? try cache.verify() : nil
        for line in verified.map({ [$0.summary] + $0.text }) ?? [] { Console.log(line.escapedForTerminal) }
        let deleted = try cache.prune(keeping: all ? 0 : maximum, olderThan: age, now: Int64(time(nil)))
        Console.log("deleted \(deleted.summary)")
        if json { try Console.output(ResultDocument(deleted.json), else: []) }
        if let verified, !verified.isWhole { throw ExitCode(Diagnostic.Category.verification.rawValue) }
    }
}

struct CachePathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "path", abstract: "Print where the cache is.")

    @OptionGroup var options: CacheOptions

    func run() throws { try Console.output(nil, else: [options.cache().path.display]) }
}
