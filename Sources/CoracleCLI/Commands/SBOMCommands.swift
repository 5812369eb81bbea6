import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import Inventory
import KeyCommands
import OCI
import SBOM
import SharedOptions
import Terminal

struct SBOMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sbom",
        abstract: "Say what is in an image: packages, modules, crates, files, as SPDX or CycloneDX.",
        discussion: HelpExamples(
            "coracle sbom server.oci                         to standard output",
            "coracle sbom write server.oci -o server.spdx.json",
            "coracle sbom check server.spdx.json             what scanners miss",
            note: """
                `coracle sbom IMAGE` is `coracle sbom write IMAGE`. The same image gives the
                same bytes everywhere.
                """
        ).text,
        subcommands: [SBOMWriteCommand.self, SBOMCheckCommand.self],
        defaultSubcommand: SBOMWriteCommand.self
    )
}

struct SBOMWriteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract: "Write what is in an image, as SPDX or CycloneDX.",
        usage: "coracle sbom write <image or path> [<options>]",
        discussion: HelpExamples(
            "coracle sbom write ghcr.io/me/server:1.0 -o server.spdx.json",
            "coracle sbom write server.oci --format cyclonedx",
            "coracle sbom write ./server --sbom-add Package.resolved",
            note: """
                Of several platforms, the document is about all of them together.
                """
        ).text
    )

    @Argument(
        help: ArgumentHelp(
            "An image: a layout, an archive, a reference, a base. Or programs, or an application directory.",
            valueName: "image"
        )
    )
    var subjects: [String]

    @OptionGroup var document: SBOMOptions

    @Option(
        help: ArgumentHelp(
            "Also list what this file says: SPDX, CycloneDX or a Package.resolved. Repeatable.",
            valueName: "file"
        )
    )
    var sbomAdd: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Write the document here, instead of to standard output.", valueName: "file")
    )
    var output: String?

    @OptionGroup var platform: PlatformOptions

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let format = try document.parsedFormat()
        let platforms = try platform.platforms()
        let added = try sbomAdd.map { try AddedDocument(readingFrom: FilePath($0)) }
        let created = try SourceDateEpoch.fromEnvironment()
        let description = try await registry.withAccess(doing: "reading the image", bases: bases) { access in
            let describer = ImageDescriber(access, created: created, supplier: document.supplier)
            switch try CheckSubject(parsing: subjects, hasBase: false, access) {
            case .image(let location): return try await describer.describe(location, for: platforms)
            case .application(let paths):
                return try await describer.describe(paths).adding(AddedDocument.besides(paths))
            }
        }
        Console.note(description.inventory.notes)
        let made = description.adding(added).document(as: format, by: coracleVersion)
        guard let output else { return try Console.output(bytes: made.bytes) }
        try made.pieces.write(to: FilePath(output))
    }
}
