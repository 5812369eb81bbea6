import ArgumentParser
import Checkup
import Diagnostics
import OCI

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tell what a container's error comes from in its image, and what mends it.",
        usage: "coracle doctor <image> --says <text> [<options>]",
        discussion: """
            coracle doctor server.oci --says 'exec /app/server: no such file or directory'
            coracle doctor ghcr.io/me/server:1.0 --says 'x509: certificate signed by unknown authority'

            Exits with 7 if nothing is known of the text.
            """
    )

    @Argument(help: "An image: a layout, an archive, a reference.")
    var image: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What was seen: a line of the container's log.", valueName: "text")
    )
    var says: String

    @Option(help: ArgumentHelp("The image's platform, such as linux/arm64. Repeatable.", valueName: "platform"))
    var platform: [String] = []

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var bases: BaseOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let platforms = try BaseOptions.platforms(platform)
        let report = try await registry.withAccess(bases: bases) { access in
            let location = try CheckSubject.image(named: image, access)
            return try await ImageDoctor(access).diagnose(location, for: platforms, says: says)
        }
        try Console.output(json ? ResultDocument(report.json) : nil, else: report.text)
    }
}
