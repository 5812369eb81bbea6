import ArgumentParser
import ByteIO
import Coracle
import Diagnostics
import OCI

/// Which image of a layout or archive is meant.
struct ImageOptions: ParsableArguments {
    @Argument(help: "An image layout, or an archive of one.")
    var path: String

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The image's name or tag, where there are several.", valueName: "name")
    )
    var tag: String?

    @Option(help: ArgumentHelp("The image's platform, such as linux/arm64.", valueName: "platform"))
    var platform: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    func inspector() throws -> ImageInspector {
        let platform = try platform.map { text in try Platform(parsing: text) }
        return try ImageInspector(FilePath(path), name: tag, platform: platform)
    }
}

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show an image: configuration, layers, biggest files."
    )

    @OptionGroup var options: ImageOptions

    func run() throws {
        let inspection = try options.inspector().inspection()
        try Console.output(options.json ? inspection.json : nil, else: inspection.text)
    }
}

struct FilesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files",
        abstract: "List an image's root filesystem: mode, owner, size, [layer], path."
    )

    @OptionGroup var options: ImageOptions

    func run() throws {
        let files = try options.inspector().files()
        try Console.output(options.json ? files.json : nil, else: files.text)
    }
}

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Recompute every digest, size, diffID, count and platform of all images.",
        discussion: "Exits with 4 if anything is not what it should be."
    )

    @Argument(help: "An image layout, or an archive of one.")
    var path: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let report = try ImageInspector.validate(FilePath(path))
        Console.report(report.findings)
        try Console.output(json ? report.json : nil, else: [report.summary])
        if !report.findings.isEmpty { throw ExitCode(Diagnostic.Category.verification.rawValue) }
    }
}
