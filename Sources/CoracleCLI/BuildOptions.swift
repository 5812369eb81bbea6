import ArgumentParser
import Coracle
import Diagnostics
import Glibc
import OCI
import ByteIO

/// What `build` and `plan` take.
struct BuildOptions: ParsableArguments {
    @Argument(help: "One or more static executables, or one application directory.")
    var paths: [String]

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
        help: ArgumentHelp("Tags for the default name NAME, separated by commas, as ko takes them.", valueName: "tags")
    )
    var tags: [String] = []

    @Flag(help: .hidden)
    var bare = false

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
        help: ArgumentHelp("UID[:GID], or root, nobody, nonroot.", valueName: "user")
    )
    var user = "65532:65532"

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

    @Flag(help: "Print one JSON document instead of one line.")
    var json = false
}

extension BuildOptions {
    var builder: Builder { Builder(cores: jobs.map { max(1, $0) } ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// The plan for what was typed, and what the environment says.
    ///
    /// - Throws: everything that is wrong, with the options and with what they name, at once.
    func plan() throws(DiagnosticList) -> BuildPlan {
        let (request, problems) = parsed()
        do throws(DiagnosticList) {
            let plan = try builder.plan(request)
            if let list = DiagnosticList(problems) { throw list }
            return plan
        } catch {
            guard let first = problems.first else { throw error }
            // What was not understood is reported once, and what follows from that only as far as it is another thing.
            let others = error.items.filter { item in !problems.contains { $0.summary == item.summary } }
            throw DiagnosticList(first, problems.dropFirst() + others)
        }
    }

    /// The request, without what is not understood, and that.
    private func parsed() -> (request: BuildRequest, problems: [Diagnostic]) {
        var problems = [Diagnostic]()
        func collect<Result>(_ body: () throws(Diagnostic) -> Result) -> Result? {
            do throws(Diagnostic) {
                return try body()
            } catch {
                problems.append(error)
                return nil
            }
        }
        var request = BuildRequest(paths: paths.map { FilePath($0) })
        request.output = collect(parsedOutput) ?? nil
        request.names = (tag + namesFromTags).compactMap { name in
            collect { () throws(Diagnostic) in try Reference(parsing: name) }
        }
        request.platforms = platform.flatMap { $0.split(separator: ",").map(String.init) }.compactMap { text in
            collect { () throws(Diagnostic) in try Platform(parsing: text) }
        }
        request.destination = dest
        request.additions = add.compactMap { text in collect { () throws(Diagnostic) in try Addition(parsing: text) } }
        request.runtime = collect(parsedRuntime) ?? nil
        request.configuration.entrypoint =
            entrypoint.isEmpty ? nil : collect { () throws(Diagnostic) in try words(entrypoint, "--entrypoint") }
        request.configuration.command = collect { () throws(Diagnostic) in try words(cmd, "--cmd") } ?? []
        request.configuration.environment = env.compactMap { text in
            collect { () throws(Diagnostic) in try pair(text, "--env") }
        }
        for text in label {
            if let (key, value) = collect({ () throws(Diagnostic) in try pair(text, "--label") }) {
                request.configuration.labels[key] = value
            }
        }
        for text in annotation {
            if let (key, value) = collect({ () throws(Diagnostic) in try pair(text, "--annotation") }) {
                request.annotations[key] = value
            }
        }
        request.configuration.user = user
        request.configuration.workingDirectory = workdir
        request.configuration.ports = expose
        request.configuration.volumes = volume
        request.configuration.stopSignal = stopSignal
        if let created = collect(parsedCreated) { request.created = created }
        if let mtime, let time = collect({ () throws(Diagnostic) in try Timestamp(parsing: mtime) }) {
            request.modified = time
        }
        if let level = compressionLevel, (1...12).contains(level) {
            request.compressionLevel = level
        } else if let level = compressionLevel {
            problems.append(
                malformed("--compression-level", "\(level)", "levels go from 1 to 12", "--compression-level 9")
            )
        }
        if let jobs, jobs < 1 {
            problems.append(malformed("--jobs", "\(jobs)", "there is no work without a worker", "--jobs 2"))
        }
        request.allowsEscapingSymlinks = allowEscapingSymlinks
        if let size = maxFileSize.flatMap({ text in collect { () throws(Diagnostic) in try byteCount(text) } }) {
            request.largestFile = size
        }
        return (request, problems)
    }

    private func parsedOutput() throws(Diagnostic) -> BuildRequest.Output? {
        switch (output, tarball) {
        case (nil, nil): return nil
        case (let path?, nil): return path.hasSuffix(".tar") ? .archive(FilePath(path)) : .layout(FilePath(path))
        case (nil, let file?): return .archive(FilePath(file))
        case (.some, .some):
            throw Diagnostic(
                .usageConflict,
                "`--output` and `--tarball` both say where to write",
                at: .option("--tarball"),
                hint: "give one of them; `skopeo copy` makes an archive from a layout later"
            )
        }
    }

    /// ko's `--tags`: tags of the default name.
    private var namesFromTags: [String] {
        let name = paths.first.flatMap { $0.split(separator: "/").last?.lowercased() } ?? "app"
        return tags.flatMap { $0.split(separator: ",") }.map { "\(name):\($0)" }
    }

    private func parsedRuntime() throws(Diagnostic) -> BuildRequest.Runtime? {
        let chosen = [
            (noRuntime, "--no-runtime"), (noCertificates, "--no-ca"), (!ca.isEmpty, "--ca"),
            (!caOnly.isEmpty, "--ca-only"),
        ]
        .filter(\.0).map(\.1)
        guard chosen.count < 2 else {
            throw Diagnostic(
                .usageConflict,
                "`\(chosen[0])` and `\(chosen[1])` contradict each other",
                at: .option(chosen[1]),
                because: "they say different things about the certificates in the image",
                hint: "give one of them"
            )
        }
        if noRuntime { return nil }
        var runtime = BuildRequest.Runtime(includesZoneinfo: !noZoneinfo)
        if noCertificates { runtime.certificates = .none }
        if !ca.isEmpty { runtime.certificates = .embedded(adding: ca.map { FilePath($0) }) }
        if !caOnly.isEmpty { runtime.certificates = .only(caOnly.map { FilePath($0) }) }
        return runtime
    }

    private func parsedCreated() throws(Diagnostic) -> BuildRequest.Created {
        if let created {
            let time =
                created == "now" ? Timestamp(secondsSince1970: Int64(time(nil))) : try Timestamp(parsing: created)
            return .at(time, source: "--created")
        }
        guard let text = getenv("SOURCE_DATE_EPOCH").map({ String(cString: $0) }), !text.isEmpty else {
            return .fromPrograms
        }
        // reproducible-builds.org: whole seconds, and nothing else.
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let time = try? Timestamp(parsing: text) else {
            throw Diagnostic(
                .usageMalformed,
                "the environment variable SOURCE_DATE_EPOCH is not a time",
                at: .option("SOURCE_DATE_EPOCH"),
                because: "its value is `\(text)`",
                hint: "set it to seconds since 1970, such as `$(git log -1 --format=%ct)`, or unset it"
            )
        }
        return .at(time, source: "SOURCE_DATE_EPOCH")
    }

    /// Words as they were given, or those of one JSON array, as a Dockerfile has them.
    private func words(_ values: [String], _ option: String) throws(Diagnostic) -> [String] {
        guard values.count == 1, values[0].hasPrefix("[") else { return values }
        guard
            case .array(let elements)? = try? JSON(parsing: Array(values[0].utf8), named: option),
            let words = elements.reduce(
                [String]?.some([]),
                { words, element in
                    guard case .string(let word) = element else { return nil }
                    return words.map { $0 + [word] }
                }
            )
        else {
            throw malformed(
                option,
                values[0],
                "it begins with `[` and is not a JSON array of strings",
                #"\#(option) '["/app/server", "-v"]'"#
            )
        }
        return words
    }

    private func pair(_ text: String, _ option: String) throws(Diagnostic) -> (String, String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw malformed(
                option,
                text,
                "it is not NAME=VALUE; nothing is taken from this machine's environment",
                "\(option) NAME=VALUE"
            )
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    private func byteCount(_ text: String) throws(Diagnostic) -> Int64 {
        let units: [(String, Int64)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
            ("kB", 1000), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
            ("", 1),
        ]
        for (unit, factor) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits)
            else { break }
            let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
            if !overflow { return bytes }
        }
        throw malformed("--max-file-size", text, "it is not a number of bytes", "--max-file-size 2GiB")
    }

    private func malformed(_ option: String, _ text: String, _ reason: String, _ example: String) -> Diagnostic {
        Diagnostic(
            .usageMalformed,
            "`\(option) \(text)` is not understood",
            at: .option(option),
            because: reason,
            hint: "write it like `\(example)`"
        )
    }
}

extension Diagnostic.Code {
    static let usageConflict = Self("usage.conflict", .usage)
    static let usageMalformed = Self("usage.malformed", .usage)
}
