package import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import Images
import OCI
import Pins
import SharedOptions
import Terminal
import Upkeep

/// `coracle outdated`.
package struct OutdatedCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "outdated",
        abstract: "Show what is outdated: moved bases, old packages, ended support.",
        usage: "coracle outdated [<image or file> ...] [<options>]",
        discussion: HelpExamples(
            "coracle outdated ghcr.io/me/server:1.0",
            "coracle outdated Dockerfile coracle.yaml deploy.yaml",
            "coracle outdated --markdown >outdated.md",
            note: """
                An image's base is found by its annotations and labels, or among those named
                with --base; layers prove it. Of files the images that they name are looked at:
                coracle.yaml, images files, FROM and --from of a Dockerfile, and digests in
                YAML of Kubernetes, kustomize and Compose. Without a name it is those in this
                directory, and coracle.lock. Signed indexes of Debian and Ubuntu say which
                packages have newer versions. Exits with 9 unless all is known to be up to
                date.
                """
        ).text
    )

    @Argument(help: ArgumentHelp("Images, or files that name images.", valueName: "image or file"))
    var subjects: [String] = []

    @Option(
        help: ArgumentHelp(
            "Could be the base of images that do not say on which they stand. Repeatable.",
            valueName: "image"
        )
    )
    var base: [String] = []

    @Flag(help: "Only look at names and ages; read no layers, and ask no mirror.")
    var quick = false

    @OptionGroup var keyrings: KeyringOptions

    @OptionGroup var platform: PlatformOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    @Flag(help: "Print a table in Markdown, for a pull request.")
    var markdown = false

    @Flag(help: "Print a SARIF 2.1.0 log, for pages that show the results of code scanners.")
    var sarif = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        try refuseTwoForms()
        var settings = UpkeepSurvey.Settings()
        settings.isQuick = quick
        settings.platforms = try platform.platforms()
        settings.keyrings = keyrings.files
        for text in base { settings.candidates.append(try ImageLocation(source: text)) }
        let names = subjects.isEmpty ? PinnedFiles.usual() : subjects
        var files = [PinnedFile]()
        for name in names where PinnedFile.isOne(FilePath(name)) {
            files.append(try PinnedFile(readingFrom: FilePath(name)))
        }
        let now = try SourceDateEpoch.fromEnvironment() ?? .now
        let report = try await registry.withAccess(doing: "looking for newer versions", bases: bases) {
            [settings, files] access in
            let locked = subjects.isEmpty ? try access.catalogue().projectBases : nil
            guard !names.isEmpty || locked != nil else { throw PinnedFiles.none(for: "outdated") }
            var images: [(name: String, location: ImageLocation)] = []
            for name in names where !PinnedFile.isOne(FilePath(name)) {
                images.append((name, try CheckSubject.image(named: name, access)))
            }
            return try await UpkeepSurvey(access, settings, at: now).report(on: images, and: files, locked: locked)
        }
        let document: ResultDocument? =
            json
            ? ResultDocument(report.json)
            : sarif ? ResultDocument(ofForeignForm: report.findings.sarif(version: coracleVersion)) : nil
        try Console.output(document, else: markdown ? report.markdown : report.text)
        if !report.isUpToDate { throw ExitCode(Diagnostic.Category.policy.rawValue) }
    }

    private func refuseTwoForms() throws(Diagnostic) {
        let given = [(json, "--json"), (markdown, "--markdown"), (sarif, "--sarif")].filter(\.0).map(\.1)
        guard given.count > 1 else { return }
        throw Diagnostic(
            .usageConflict,
            "`\(given[0])` and `\(given[1])` are two forms of one result",
            at: .option(given[1]),
            hint: "give one of them"
        )
    }
}
