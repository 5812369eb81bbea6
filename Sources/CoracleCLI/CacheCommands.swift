import ArgumentParser
import ByteIO
import Coracle
import Diagnostics
import Glibc
import OCI

struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Show or empty the cache of fetched blobs.",
        discussion: """
            coracle cache list
            coracle cache prune --older-than 30d
            """,
        subcommands: [CacheListCommand.self, CachePruneCommand.self, CachePathCommand.self]
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
        if json || !lines.isEmpty { try Console.output(json ? listing.json : nil, else: lines) }
    }
}

struct CachePruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete what is old, or too much.",
        discussion: """
            coracle cache prune --older-than 30d --max-size 2GB

            What other processes are just using stays readable to them.
            """
    )

    @Option(help: ArgumentHelp("Keep at most this much, such as 2GB: what was used last.", valueName: "size"))
    var maxSize: String?

    @Option(help: ArgumentHelp("Delete what was not used for so long: 30d, 12h.", valueName: "age"))
    var olderThan: String?

    @Flag(help: "Delete everything.")
    var all = false

    @OptionGroup var options: CacheOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        guard all || maxSize != nil || olderThan != nil else {
            throw Diagnostic(
                .usageMalformed,
                "`cache prune` is not told what to delete",
                hint: "give `--older-than 30d`, `--max-size 2GB` or `--all`"
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
        let deleted = try options.cache()
            .prune(keeping: all ? 0 : maximum, olderThan: age, now: Int64(time(nil)))
        Console.log("deleted \(deleted.summary)")
        if json { try Console.output(deleted.json, else: []) }
    }
}

struct CachePathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "path", abstract: "Print where the cache is.")

    @OptionGroup var options: CacheOptions

    func run() throws { try Console.output(nil, else: [options.cache().path.display]) }
}
