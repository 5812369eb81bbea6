import ArgumentParser
import Checkup
import Diagnostics
import Images
import OCI
import Terminal

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Explain a container's error message and how to fix it.",
        usage: "coracle doctor <image> --says <text> [<options>]",
        discussion: Examples(
            "coracle doctor server.oci --says 'exec /server: no such file or directory'",
            "coracle doctor server.oci --says 'certificate signed by unknown authority'",
            "coracle doctor ghcr.io/me/server:1.0 --says 'permission denied' --json",
            note: """
                Exits with 7 if the text is not known.
                """
        ).text
    )

    @Argument(help: "An image: a layout, an archive, a reference.")
    var image: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The message: a line of the container's log.", valueName: "text")
    )
    var says: String

    @OptionGroup var platform: PlatformOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let platforms = try platform.platforms()
        let report = try await registry.withAccess(doing: "reading the image", bases: bases) { access in
            let location = try CheckSubject.image(named: image, access)
            return try await ImageDoctor(access).diagnose(location, for: platforms, says: says)
        }
        try Console.output(json ? ResultDocument(report.json) : nil, else: report.text)
    }
}
