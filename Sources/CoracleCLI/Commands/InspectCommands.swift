import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import ImagePages
import Images
import OCI
import Request
import SharedOptions
import Terminal

/// Which image of a layout or archive is meant.
struct ImageOptions: ParsableArguments {
    @Argument(help: "An image layout or an archive of one; or a reference, such as ghcr.io/me/server:1.0.")
    var image: String

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The image's name or tag, where there are several.", valueName: "name")
    )
    var tag: String?

    @OptionGroup var platform: PlatformOption

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func withInspector<Result>(_ body: (ImageInspector) throws -> Result) async throws -> Result {
        let platform = try platform.parsed()
        return try await registry.withLocalCopy(of: image, platform) { path, name in
            let environment = ProcessEnvironment.current
            return try body(
                try ImageInspector(path, name: name ?? tag, platform: platform, environment: environment)
            )
        }
    }
}

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show an image: configuration, layers, biggest files; where its bytes are, as text or as a page.",
        usage: "coracle inspect <image> [<options>]",
        discussion: HelpExamples(
            "coracle inspect server.oci",
            "coracle inspect images.oci --tag ghcr.io/me/server:1.0 --json",
            "coracle inspect ghcr.io/me/server:1.0 --platform linux/arm64",
            "coracle inspect server.oci --tree",
            "coracle inspect server.oci --html server.html",
            "coracle inspect server.oci --html server.html --against ghcr.io/me/server"
        ).text
    )

    @OptionGroup var options: ImageOptions

    @Flag(help: "Show where the bytes are: layers, their directories by size, and what is wasted.")
    var tree = false

    @Option(help: ArgumentHelp("How many directories deep --tree goes. Default: 3", valueName: "number"))
    var depth: Int?

    @Option(
        help: ArgumentHelp(
            "Write a page about the image: pictures, packages, findings, in one file for a browser. - is standard output.",
            valueName: "file"
        )
    )
    var html: String?

    @Option(
        help: ArgumentHelp(
            "Ask a registry what it has, and say in the page what a push to this name would send.",
            valueName: "reference"
        )
    )
    var against: String?

    func run() async throws {
        try refuseConflicts()
        if let html {
            let (survey, push) = try await options.survey(against: against)
            return try Console.output(bytes: ImagePage(of: survey, push: push).bytes, to: html)
        }
        if tree {
            let survey = try await options.survey(withChecks: false).0
            let columns = TerminalTraits.results.columns ?? 100
            return try Console.output(SurveyTree(of: survey, depth: depth ?? 3, columns: columns).text)
        }
        let inspection = try await options.withInspector { try $0.inspection() }
        try Console.output(options.json ? ResultDocument(inspection.json) : nil, else: inspection.text)
    }
}

extension InspectCommand {
    private func refuseConflicts() throws(Diagnostic) {
        let forms = [(html != nil, "--html"), (tree, "--tree"), (options.json, "--json")].filter(\.0).map(\.1)
        guard forms.count < 2 else {
            throw Diagnostic(
                .usageConflict,
                "`\(forms[0])` and `\(forms[1])` ask for two forms of the answer",
                at: .option(forms[0]),
                hint: "run the command once for each"
            )
        }
        if against != nil, html == nil {
            let hint = "leave it out, or add `--html`"
            throw Diagnostic(.usageConflict, "only `--html` has a next push", at: .option("--against"), hint: hint)
        }
        guard let depth else { return }
        guard tree else {
            let hint = "give `--tree`, or leave `--depth` out"
            throw Diagnostic(.usageConflict, "only `--tree` has a depth", at: .option("--depth"), hint: hint)
        }
        guard (0...100).contains(depth) else {
            let reason = "it is not a number from 0 to 100"
            throw .optionMalformed(.usageMalformed, "--depth", "\(depth)", because: reason, example: "3")
        }
    }
}

extension ImageOptions {
    /// All that is to be seen of one image; without packages and findings if they are not wanted. And what a push to the name `against`
    /// would send, if there is one.
    fileprivate func survey(
        withChecks: Bool = true,
        against: String? = nil
    ) async throws -> (ImageSurvey, NextPush?) {
        let platform = try platform.parsed()
        let name = try against.map { text throws(Diagnostic) in try ImageLocation.reference(parsing: text) }
        // Ages are counted from the time that reproducible builds set, else from this machine's.
        let now = try SourceDateEpoch.fromEnvironment() ?? .now
        return try await registry.withAccess(doing: "reading the image") { access in
            let location = try CheckSubject.image(named: image, access).called(tag)
            let survey = try await ImageSurvey(of: location, for: platform, at: now, withChecks: withChecks, access)
            guard let name else { return (survey, nil) }
            return (survey, try await NextPush(of: location, for: survey.config.platform, to: name, access))
        }
    }
}

struct FilesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files",
        abstract: "List an image's root filesystem: mode, owner, size, [layer], path.",
        usage: "coracle files <image> [<options>]",
        discussion: HelpExamples(
            "coracle files server.oci",
            "coracle files server.tar --platform linux/arm64",
            "coracle files ghcr.io/me/server:1.0 --json"
        ).text
    )

    @OptionGroup var options: ImageOptions

    func run() async throws {
        let files = try await options.withInspector { try $0.files() }
        if options.json {
            try Console.output(ResultDocument([:]), "files", files.json)
        } else {
            try Console.output(files.text)
        }
    }
}

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Recompute every digest, size, diffID, count and platform of all images.",
        usage: "coracle validate <image> [<options>]",
        discussion: HelpExamples(
            "coracle validate server.oci",
            "coracle validate server.tar --json",
            "coracle validate ghcr.io/me/server:1.0",
            note: "Exits with 4 if anything does not match."
        ).text
    )

    @Argument(help: "An image layout or an archive of one; or a reference, such as ghcr.io/me/server:1.0.")
    var image: String

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let report = try await registry.withLocalCopy(of: image, nil) { path, _ in
            try ImageInspector.validate(path, environment: ProcessEnvironment.current)
        }
        Console.report(report.findings)
        try Console.output(json ? ResultDocument(report.json) : nil, else: [report.summary])
        if !report.findings.isEmpty { throw ExitCode(Diagnostic.Category.verification.rawValue) }
    }
}
