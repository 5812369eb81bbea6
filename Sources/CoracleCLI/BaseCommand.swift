import ArgumentParser
import ByteIO
import Diagnostics
import Glibc
import Images
import OCI

struct BaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base",
        abstract: "Bases that coracle assembles from Debian's packages.",
        discussion: """
            coracle base list                             what there is
            coracle build ./server --base cc              an image on one of them
            coracle base build debian13/cc -o cc.oci      the base as an image

            A base is a short list of packages, and a lock that says which version of
            each, with its SHA-256. Nothing of a package is run. Names are SUITE/NAME, or
            NAME for the newest suite, and may end in `:debug` (with a shell), `:root` or
            `:slim` (no manuals, no encodings but Unicode).
            """,
        subcommands: [
            BaseListCommand.self, BaseShowCommand.self, BaseLockCommand.self, BaseFetchCommand.self,
            BaseBuildCommand.self,
        ]
    )
}

struct BaseListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the bases: name, size, libc, shell, user, age of the lock, end of life, what for.",
        discussion: """
            The size is that of the packages to fetch; the age that of Debian's index when
            the lock was made.
            """
    )

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var bases: BaseOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let listing = try await registry.withAccess(bases: bases) { try $0.catalogue().list(at: .now) }
        try Console.output(json ? ResultDocument(["bases": listing.json]) : nil, else: listing.text)
    }
}

struct BaseShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Show a base: what it is for, its configuration, its packages, and which of their scripts are not run.",
        discussion: """
            coracle base show cc

            Scripts are seen in the packages that are in the cache; of the others it is said
            that they were not looked into, and `coracle base fetch` brings them.
            """
    )

    @Argument(help: ArgumentHelp("A base, such as debian13/cc.", valueName: "name"))
    var name: String

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var bases: BaseOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let base = try await registry.withAccess(bases: bases) { try $0.catalogue().show(name, at: .now) }
        try Console.output(json ? ResultDocument(base.json) : nil, else: base.text)
    }
}

struct BaseLockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Write down which version of each package the bases are made of.",
        discussion: """
            coracle base lock --update

            Debian's signed index says which versions there are, and `gpgv` verifies it.
            Versions that are locked stay, unless --update is given. Written is
            packages.lock.json beside the definitions, in --bases or ./Bases. Standard
            output is what changed, as it may stand in a pull request.
            """
    )

    @Argument(help: ArgumentHelp("Only these suites, such as debian13.", valueName: "suite"))
    var suites: [String] = []

    @Flag(help: "Take the newest version of every package.")
    var update = false

    @Option(
        help: ArgumentHelp("Trust the keys in this file, not Debian's. Repeatable.", valueName: "file")
    )
    var keyring: [String] = []

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var bases: BaseOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let keyrings = keyring.map { FilePath($0) }
        let report = try await registry.withAccess(bases: bases) { access in
            try await access.catalogue().lock(suites, updating: update, trusting: keyrings, at: .now)
        }
        for line in report.written { Console.log(line.escapedForTerminal) }
        try Console.output(json ? ResultDocument(report.json) : nil, else: report.text)
    }
}

struct BaseFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch the packages of bases, so that building on them needs no network.",
        discussion: """
            coracle base fetch cc python3
            coracle base fetch --into packages            for machines without a network

            Each is verified by the lock's SHA-256. They go into the cache; with --into
            also into a directory that any web server makes a `--mirror` of.
            """
    )

    @Argument(help: ArgumentHelp("Bases, such as debian13/cc. Default: all", valueName: "name"))
    var names: [String] = []

    @Option(help: ArgumentHelp("Put the packages into this directory, too.", valueName: "directory"))
    var into: String?

    @Option(help: ArgumentHelp("Those for this platform only. Repeatable.", valueName: "platform"))
    var platform: [String] = []

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var bases: BaseOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let platforms = try BaseOptions.platforms(platform)
        let into = into.map { FilePath($0) }
        let report = try await registry.withAccess(bases: bases) { access in
            try await access.catalogue().fetch(names, for: platforms, into: into)
        }
        Console.log(report.summary.escapedForTerminal)
        if json { try Console.output(ResultDocument(report.json), else: []) }
    }
}

struct BaseBuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Assemble a base as an image of its own.",
        discussion: """
            coracle base build debian13/cc -o cc.oci
            coracle push cc.oci registry.example/bases/cc:13

            All platforms that the lock has, unless one is chosen. Standard output is the
            digest.
            """
    )

    @Argument(help: ArgumentHelp("A base, such as debian13/cc.", valueName: "name"))
    var name: String

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Where to: a directory, or a file that ends in `.tar`.", valueName: "path")
    )
    var output: String

    @Option(help: ArgumentHelp("Assemble the image for one platform only.", valueName: "platform"))
    var platform: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var bases: BaseOptions
    @OptionGroup var layering: LayeringOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let platform = try platform.map { text throws(Diagnostic) in try Platform(parsing: text) }
        let destination = ImageCopy.Destination(try ImageLocation(path: output))
        let report = try await registry.withAccess(bases: bases, layering: layering) { access in
            var copy = ImageCopy(from: try access.catalogue().location(of: name), to: destination)
            copy.platform = platform
            return try await copy.run(access)
        }
        try Console.output(json ? ResultDocument(report.json) : nil, else: report.references)
    }
}

extension Timestamp {
    /// This machine's.
    fileprivate static var now: Timestamp { Timestamp(secondsSince1970: Int64(time(nil))) }
}
