package import ArgumentParser
import ByteIO
import Diagnostics
import Images
import OCI
import Pins
import SharedOptions
import Terminal
import Upkeep

/// `coracle update`.
package struct UpdateCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Move the digests in files to the newest images of their names.",
        usage: "coracle update [<file> ...] [--dry-run] [<options>]",
        discussion: HelpExamples(
            "coracle update",
            "coracle update Dockerfile deploy.yaml --dry-run",
            "coracle update >pull-request.md",
            note: """
                Bases in coracle.yaml and images files, FROM and --from of a Dockerfile, and
                images in YAML of Kubernetes, kustomize and Compose, where they have a tag and
                a digest: the tag stays, and the digest moves. All other bytes stay as they are.
                Without a name it is the files of this directory, and coracle.lock and ./Bases
                get the newest packages, too. Everything is looked up before the first file is
                replaced. Standard output is the text of a pull request. --dry-run exits with 9
                if something would change.
                """
        ).text
    )

    @Argument(
        help: ArgumentHelp(
            "Files that name images. Default: coracle.yaml, images.yaml, Dockerfile and locks",
            valueName: "file"
        )
    )
    var files: [String] = []

    @Flag(
        name: [.customLong("dry-run"), .customLong("check")],
        help: "Write nothing; exit with 9 if something would be."
    )
    var dryRun = false

    @Flag(help: "Do not compare the new images with the old ones.")
    var quick = false

    @OptionGroup var keyrings: KeyringOptions

    @OptionGroup var platform: PlatformOption

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        var settings = PinUpdate.Settings()
        settings.isDryRun = dryRun
        settings.isQuick = quick
        settings.platform = try platform.parsed()
        let names = files.isEmpty ? PinnedFiles.usual() : files
        var read = [PinnedFile]()
        for name in names { read.append(try PinnedFile(readingFrom: FilePath(name))) }
        let keyrings = keyrings.files
        let report = try await registry.withAccess(doing: "looking for newer images", bases: bases) {
            [settings, read] access in
            let catalogue = try access.catalogue()
            let hasLocks = files.isEmpty ? try catalogue.hasLocks : false
            guard !names.isEmpty || hasLocks else { throw PinnedFiles.none(for: "update") }
            let plan = try await PinUpdate(access, settings).plan(read)
            var report = plan.report
            if hasLocks {
                report.locks = try await catalogue.lock(
                    updating: true,
                    on: LockTerms(keyrings: keyrings),
                    isDryRun: dryRun,
                    at: .now
                )
            }
            if !dryRun { report.written = try plan.write() }
            return report
        }
        for line in report.locks?.written ?? [] { Console.log(line.escapedForTerminal) }
        for path in report.written { Console.log("wrote \(path)".escapedForTerminal) }
        try Console.output(json ? ResultDocument(report.json) : nil, else: report.text)
        if dryRun, report.hasChanges { throw ExitCode(Diagnostic.Category.policy.rawValue) }
    }
}
