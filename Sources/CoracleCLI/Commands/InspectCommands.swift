import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import OCI
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
        abstract: "Show an image: configuration, layers, biggest files.",
        usage: "coracle inspect <image> [<options>]",
        discussion: Examples(
            "coracle inspect server.oci",
            "coracle inspect images.oci --tag ghcr.io/me/server:1.0 --json",
            "coracle inspect ghcr.io/me/server:1.0 --platform linux/arm64"
        ).text
    )

    @OptionGroup var options: ImageOptions

    func run() async throws {
        let inspection = try await options.withInspector { try $0.inspection() }
        try Console.output(options.json ? ResultDocument(inspection.json) : nil, else: inspection.text)
    }
}

struct FilesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files",
        abstract: "List an image's root filesystem: mode, owner, size, [layer], path.",
        usage: "coracle files <image> [<options>]",
        discussion: Examples(
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
        discussion: Examples(
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
