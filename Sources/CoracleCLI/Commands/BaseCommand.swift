import ArgumentParser
import ByteIO
import Diagnostics
import Images
import OCI
import SharedOptions
import Terminal

struct BaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base",
        abstract: "Bases that coracle assembles from Debian's packages.",
        discussion: HelpExamples(
            "coracle base list                             the bases there are",
            "coracle build ./server --base cc              an image on one of them",
            "coracle base build debian13/cc -o cc.oci      the base as an image",
            note: """
                A base is a short list of packages, and a lock that says which version of
                each, with its SHA-256. Nothing of a package is run. Names are SUITE/NAME, or
                NAME for the newest suite, and may end in `:debug` (with a shell), `:root` or
                `:slim` (no manuals, no encodings but Unicode).
                """
        ).text,
        subcommands: [
            BaseListCommand.self, BaseShowCommand.self, BaseLockCommand.self, BaseFetchCommand.self,
            BaseBuildCommand.self,
        ]
    )
}

struct BaseListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the bases: name, size, libc, shell, user, age of the lock, end of life, use.",
        usage: "coracle base list [<options>]",
        discussion: HelpExamples(
            "coracle base list",
            "coracle base list --json",
            "coracle base list --bases ./bases",
            note: """
                The size is that of the packages to fetch; the age that of Debian's index when
                the lock was made. LTS is long-term support: the regular support is over, and a
                separate team makes the security updates.
                """
        ).text
    )

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let listing = try await registry.withAccess(doing: "reading the catalogue", bases: bases) {
            try $0.catalogue().list(at: .now)
        }
        try Console.output(json ? ResultDocument(["bases": listing.json]) : nil, else: listing.text)
    }
}

struct BaseShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Show a base: its use, configuration and packages, and the scripts that are not run.",
        usage: "coracle base show <name> [<options>]",
        discussion: HelpExamples(
            "coracle base show cc",
            "coracle base show debian13/python3:debug",
            "coracle base show java --json",
            "coracle base show php-cli --why libxml2",
            note: """
                Scripts are read from the packages that are in the cache. The others were not
                looked into; `coracle base fetch` brings them.
                """
        ).text
    )

    @Argument(
        help: ArgumentHelp("A base, such as debian13/cc.", valueName: "name"),
        completion: Completions.bases
    )
    var name: String

    @Option(
        help: ArgumentHelp("Show only why this package is in the base: what depends on it.", valueName: "package")
    )
    var why: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        if let why {
            let reason = try await registry.withAccess(doing: "reading the catalogue", bases: bases) {
                try $0.catalogue().reason(of: why, in: name)
            }
            try Console.output(json ? ResultDocument(reason.json) : nil, else: reason.text)
            return
        }
        let base = try await registry.withAccess(doing: "reading the catalogue", bases: bases) {
            try $0.catalogue().show(name, at: .now)
        }
        try Console.output(json ? ResultDocument(base.json) : nil, else: base.text)
    }
}

struct BaseLockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Record which version of each package the bases are made of.",
        usage: """
            coracle base lock <base> ... [--update] [<options>]
            coracle base lock [<suite> ...] [--update] [<options>]
            """,
        discussion: HelpExamples(
            "coracle base lock debian13/cc",
            "coracle base lock --update",
            "coracle base lock debian13 --bases ./Bases",
            note: """
                Bases, such as debian13/cc, are locked for a project, in ./coracle.lock, which
                precedes the lock in coracle. A suite, such as debian13, stands for all
                definitions in --bases or ./Bases, whose lock is packages.lock.json beside
                them. Without a name, what coracle.lock names is locked again; without that file,
                all definitions.

                Debian's signed index says which versions there are, and `gpgv` verifies it.
                Versions that are locked stay, unless --update is given; it renews all bases
                of a suite, because they share packages. Standard output is what changed, for
                a pull request's text.

                Bases of apk packages, such as alpine-3.24/base, have indexes that are signed by
                RSA keys. coracle comes without a lock of these. An index that is older than the
                one of the lock is refused, unless --allow-older is given.
                """
        ).text
    )

    @Argument(help: ArgumentHelp("Bases, such as debian13/cc, or suites, such as debian13.", valueName: "name"))
    var names: [String] = []

    @Flag(help: "Take the newest version of every package.")
    var update = false

    @Flag(help: "Accept an index of apk packages that is older than the one of the lock.")
    var allowOlder = false
    @Option(
        name: [.customLong("arch")],
        help: ArgumentHelp(
            "Lock these architectures, by Debian's names, instead of amd64 and arm64. Repeatable.",
            valueName: "name"
        )
    )
    var architectures: [String] = []

    @Flag(help: "Lock an architecture also without updates that the mirror signs and does not have.")
    var allowIncomplete = false

    @OptionGroup var keyrings: KeyringOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let terms = LockTerms(
            keyrings: keyrings.files,
            allowsOlder: allowOlder,
            architectures: architectures,
            allowsIncomplete: allowIncomplete
        )
        let report = try await registry.withAccess(
            doing: "asking the mirrors for versions",
            bases: bases,
            isLocking: true
        ) {
            try await $0.catalogue().lock(names, updating: update, on: terms, at: .now)
        }
        for line in report.written { Console.log(line.escapedForTerminal) }
        try Console.output(json ? ResultDocument(report.json) : nil, else: report.text)
    }
}

struct BaseFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch the packages of bases, so that building on them needs no network.",
        usage: "coracle base fetch [<name> ...] [<options>]",
        discussion: HelpExamples(
            "coracle base fetch cc python3",
            "coracle base fetch cc --platform linux/amd64",
            "coracle base fetch --into packages",
            note: """
                Each package is verified by the lock's SHA-256. They go into the cache; with
                --into also into a directory that any web server makes a `--mirror` of, for
                machines without a network.
                """
        ).text
    )

    @Argument(
        help: ArgumentHelp("Bases, such as debian13/cc. Default: all", valueName: "name"),
        completion: Completions.bases
    )
    var names: [String] = []

    @Option(help: ArgumentHelp("Also put the packages into this directory.", valueName: "directory"))
    var into: String?

    @OptionGroup var platform: PlatformOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Bases") var newest: NewestOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let platforms = try platform.platforms()
        let into = into.map { FilePath($0) }
        let (report, latest) = try await registry.withAccess(doing: "fetching packages", bases: bases, newest: newest) {
            access in
            (try await access.catalogue().fetch(names, for: platforms, into: into), access.latest)
        }
        Console.log(report.summary.escapedForTerminal)
        if json { try Console.output(ResultDocument(report.json.adding(latest)), else: []) }
    }
}

struct BaseBuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Assemble a base as an image of its own.",
        usage: "coracle base build <name> --output <path> [<options>]",
        discussion: HelpExamples(
            "coracle base build debian13/cc -o cc.oci",
            "coracle base build python3 --platform linux/arm64 -o python3.tar",
            "coracle base build cc --squash-base -o cc.oci",
            note: """
                All platforms that the lock has, unless one is chosen. Standard output is the
                digest; `coracle push cc.oci registry.example/bases/cc:13` can follow.
                """
        ).text
    )

    @Argument(
        help: ArgumentHelp("A base, such as debian13/cc.", valueName: "name"),
        completion: Completions.bases
    )
    var name: String

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Write the image here: a directory, or a file that ends in `.tar`.", valueName: "path")
    )
    var output: String

    @OptionGroup var platform: PlatformOption

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Bases") var newest: NewestOptions
    @OptionGroup(title: "Bases") var layering: LayeringOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let platform = try platform.parsed()
        let destination = ImageCopy.Destination(try ImageLocation(path: output))
        let (report, latest) = try await registry.withAccess(
            doing: "assembling the base",
            bases: bases,
            layering: layering,
            newest: newest
        ) { access in
            var copy = ImageCopy(from: try access.catalogue().location(of: name), to: destination)
            copy.platform = platform
            return (try await copy.run(access), access.latest)
        }
        try Console.output(json ? ResultDocument(report.json.adding(latest)) : nil, else: report.references)
    }
}
