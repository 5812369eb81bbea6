package import ArgumentParser
import ByteIO
import Diagnostics
import Project
import SharedOptions
import Terminal

/// `coracle config`.
package struct ConfigCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print what `coracle.yaml` means: the effective values, and where each comes from.",
        usage: """
            coracle config [<file>] [--profile <name> ...] [--image <name>] [--json]
            coracle config --schema
            """,
        discussion: HelpExamples(
            "coracle config",
            "coracle config --profile release --image shop",
            "coracle config images.yaml --json",
            note: """
                The result is a file that means the same, without profiles and files that
                are extended. What comes from the environment stays a variable: it may be
                secret.
                """
        ).text
    )

    @Argument(help: "The file. Default: ./coracle.yaml")
    var file: String?

    @Option(
        help: ArgumentHelp("Also what the file says below `profiles` for this name. Repeatable.", valueName: "name")
    )
    var profile: [String] = []

    @Option(help: ArgumentHelp("Only this image.", valueName: "name"))
    var image: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @Flag(help: "Print the JSON Schema of such files, for editors.")
    var schema = false

    package init() {}

    package func run() throws {
        let keys = BuildOptions.projectKeys
        if schema { return try Console.output(ResultDocument(ofForeignForm: keys.schema), else: []) }
        let path = file.map { FilePath($0) } ?? ProjectFile.usual
        let variable: @Sendable (String) -> String? = { ProcessEnvironment.current[$0] }
        guard var project = try ProjectDescription.read(path, keys, profiles: profile, variable: variable) else {
            return
        }
        if let image { project = try project.only(image) }
        try Console.output(
            json ? ResultDocument(project.json(keys, profiles: profile)) : nil,
            else: project.lines(keys)
        )
    }
}
