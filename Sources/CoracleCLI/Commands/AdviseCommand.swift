import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import Images
import OCI
import SharedOptions
import Terminal

struct AdviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "advise",
        abstract: "Say which base a program or an application directory can stand on, and why.",
        usage: "coracle advise <path> [<options>]",
        discussion: HelpExamples(
            "coracle advise ./server",
            "coracle advise ./my-node-app",
            "coracle advise ./server --bases ./bases --json",
            note: """
                Nothing is fetched and nothing is written. The best base comes first, with the
                command that builds on it; then those that fit, and why the others do not.
                """
        ).text
    )

    @Argument(help: "An executable, or an application directory.")
    var path: String

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let advice = try await registry.withAccess(doing: "reading the program", bases: bases) { access in
            try access.advise(FilePath(path), at: .now)
        }
        try Console.output(json ? ResultDocument(advice.json) : nil, else: advice.text)
    }
}
