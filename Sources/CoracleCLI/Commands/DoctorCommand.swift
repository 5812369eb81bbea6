import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import Images
import OCI
import SharedOptions
import Terminal

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Explain a container's error message and how to fix it.",
        usage: "coracle doctor <image> (--says <text> | --log <file>) [<options>]",
        discussion: HelpExamples(
            "coracle doctor server.oci --says 'exec /server: no such file or directory'",
            "coracle doctor server.oci --says 'certificate signed by unknown authority'",
            "kubectl logs server-7d9f | coracle doctor ghcr.io/me/server:1.0 --log - --json",
            note: """
                Exits with 7 if the text is not known. Of a log with many lines the most telling are
                explained.
                """
        ).text
    )

    @Argument(help: "An image: a layout, an archive, a reference.")
    var image: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The message: a line of the container's log; - for standard input.", valueName: "text")
    )
    var says: String?

    @Option(help: ArgumentHelp("A file with the container's log; - for standard input.", valueName: "file"))
    var log: String?

    @OptionGroup var platform: PlatformOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let platforms = try platform.platforms()
        let text = try message()
        let report = try await registry.withAccess(doing: "reading the image", bases: bases) { access in
            let location = try CheckSubject.image(named: image, access)
            return try await ImageDoctor(access).diagnose(location, for: platforms, says: text)
        }
        try Console.output(json ? ResultDocument(report.json) : nil, else: report.text)
    }

    private static let longestLog = 16 << 20

    /// What was seen.
    ///
    /// - Throws: `doctor.no-message`, `io.failed`.
    private func message() throws(Diagnostic) -> String {
        // `--says -` is `--log -`.
        switch says == "-" ? (nil, log ?? "-") : (says, log) {
        case (let says?, nil): return says
        case (nil, let log?):
            let path = FilePath(log == "-" ? "/dev/stdin" : log)
            do throws(SystemError) {
                return String(decoding: try OpenFile.content(of: path, limit: Self.longestLog), as: UTF8.self)
            } catch {
                throw error.diagnostic("read the log", path.display)
            }
        case (nil, nil), (_?, _?):
            throw Diagnostic(
                .doctorNoMessage,
                "the message is not given, or given twice",
                hint: "give it with `--says TEXT`, or the container's log with `--log FILE`"
            )
        }
    }
}

extension Diagnostic.Code {
    static let doctorNoMessage = Self("doctor.no-message", .usage)
}
