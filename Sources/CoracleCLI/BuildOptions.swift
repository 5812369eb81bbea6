import ArgumentParser

/// What `build` and `plan` take.
struct BuildOptions: ParsableArguments {
    @Argument(help: "One or more static executables, or one application directory.")
    var paths: [String] = []

    // MARK: Output

    @Option(
        name: [.short, .long, .customLong("oci-layout-path")],
        help: ArgumentHelp(
            "Where to write: a directory, or a file that ends in `.tar`. Default: ./NAME.oci",
            valueName: "path"
        )
    )
    var output: String?

    @Option(help: ArgumentHelp("Write one archive, whatever its name ends in.", valueName: "file"))
    var tarball: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("A name for the image, taken literally. Repeatable.", valueName: "ref")
    )
    var tag: [String] = []

    @Option(
        help: ArgumentHelp("Tags for the default name, separated by commas, as ko takes them.", valueName: "tags")
    )
    var tags: [String] = []

    @Flag(help: "With CORACLE_REPO or KO_DOCKER_REPO, take the repository as it is, without the program's name.")
    var bare = false

    @Flag(help: "Push the image under its names; without -o nothing is written here.")
    var push = false

    @Option(
        name: [.short, .long, .customLong("from")],
        help: ArgumentHelp(
            "What to stand on: a reference, oci:DIR[:REF], oci-archive:FILE[:REF], a base as `base list` has it, or scratch, the default.",
            valueName: "image"
        )
    )
    var base: String?

    @Option(
        help: ArgumentHelp(
            "What the programs are expected to run on, such as linux/arm64. Repeatable.",
            valueName: "platform"
        )
    )
    var platform: [String] = []

    // MARK: Files

    @Option(help: ArgumentHelp("Where the program or directory goes. Default: /app/NAME, or /app", valueName: "path"))
    var dest: String?

    @Option(help: ArgumentHelp("Add a file or directory: SRC:DST[:MODE[:UID:GID]]. Repeatable.", valueName: "spec"))
    var add: [String] = []

    @Option(
        help: ArgumentHelp("Trust the certificate authorities in this PEM file, too. Repeatable.", valueName: "file")
    )
    var ca: [String] = []

    @Option(help: ArgumentHelp("Trust those in this PEM file and no others. Repeatable.", valueName: "file"))
    var caOnly: [String] = []

    @Flag(name: .customLong("no-ca"), help: "Leave out the certificate authorities.")
    var noCertificates = false

    @Flag(name: .customLong("no-zoneinfo"), help: "Leave out the time zones.")
    var noZoneinfo = false

    @Flag(help: "Of certificates, zones, accounts and the rest add only what the programs ask for.")
    var minimal = false

    @Flag(
        name: .customLong("no-runtime"),
        help: "Leave out the whole runtime layer: certificates, zones, accounts, /tmp."
    )
    var noRuntime = false

    @Flag(help: "Keep symlinks that lead out of the directory as they are.")
    var allowEscapingSymlinks = false

    @Option(help: ArgumentHelp("Refuse larger files, such as 500MB or 2GiB. Default: 64GiB", valueName: "size"))
    var maxFileSize: String?

    // MARK: Configuration

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "What the container starts: a path, or a JSON array. Default: the program",
            valueName: "word"
        )
    )
    var entrypoint: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Default arguments: a word (repeatable), or a JSON array.", valueName: "word")
    )
    var cmd: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("An environment variable: NAME=VALUE. Repeatable.", valueName: "pair")
    )
    var env: [String] = []

    @Option(
        name: [.short, .long, .customLong("image-label")],
        help: ArgumentHelp("A label: KEY=VALUE. Repeatable.", valueName: "pair")
    )
    var label: [String] = []

    @Option(
        name: [.short, .long, .customLong("image-annotation")],
        help: ArgumentHelp("An annotation of manifest and index: KEY=VALUE. Repeatable.", valueName: "pair")
    )
    var annotation: [String] = []

    @Option(
        name: [.short, .long, .customLong("image-user")],
        help: ArgumentHelp("UID[:GID], or root, nobody, nonroot. Default: 65532, or the base's", valueName: "user")
    )
    var user: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The working directory. Default: / or the app directory", valueName: "path")
    )
    var workdir: String?

    @Option(help: ArgumentHelp("A port: PORT[/tcp|udp|sctp]. Repeatable.", valueName: "port"))
    var expose: [String] = []

    @Option(help: ArgumentHelp("A path for a volume. Repeatable.", valueName: "path"))
    var volume: [String] = []

    @Option(help: ArgumentHelp("What stops the container. Default: SIGTERM, by the runtime", valueName: "signal"))
    var stopSignal: String?

    // MARK: Layers

    @OptionGroup var reuse: ReuseArguments

    // MARK: Checks

    @OptionGroup var gate: GateArguments
    @OptionGroup var policy: PolicyArguments

    // MARK: Reproducibility

    @Option(
        help: ArgumentHelp(
            "The image's date: RFC 3339, seconds since 1970, or now. Default: SOURCE_DATE_EPOCH, the programs' commit, 1970",
            valueName: "time"
        )
    )
    var created: String?

    @Option(help: ArgumentHelp("The date of the files you bring. Default: 1970", valueName: "time"))
    var mtime: String?

    @Option(help: ArgumentHelp("1 (fastest) to 12 (smallest).", valueName: "level"))
    var compressionLevel: Int?

    @Option(name: [.short, .long], help: ArgumentHelp("How many cores to use. Default: all", valueName: "n"))
    var jobs: Int?

    @Flag(help: "Use nothing of earlier builds, and keep nothing for later ones. The image is the same.")
    var noCache = false

    @Flag(help: "Read every file, also those that look as they did in an earlier build.")
    var verifyCache = false

    @Flag(help: "Print one JSON document instead of one line.")
    var json = false
}
