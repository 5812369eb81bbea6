import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import Glibc
import OCI

struct AdviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "advise",
        abstract: "Say which base a program or an application directory can stand on, and why.",
        usage: "coracle advise <path> [<options>]",
        discussion: """
            coracle advise ./server
            coracle advise ./my-node-app --json

            Nothing is fetched and nothing is written. The best base comes first, with the
            command that builds upon it; then those that fit, and why the others do not.
            """
    )

    @Argument(help: "An executable, or an application directory.")
    var path: String

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var bases: BaseOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let now = Timestamp(secondsSince1970: Int64(time(nil)))
        let advice = try await registry.withAccess(bases: bases) { access in
            try access.advise(FilePath(path), at: now)
        }
        try Console.output(json ? ResultDocument(advice.json) : nil, else: advice.text)
    }
}
