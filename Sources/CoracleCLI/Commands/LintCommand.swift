import ArgumentParser
import BuildCommands
import ByteIO
import Checkup
import Diagnostics
import Findings
import Hygiene
import OCI
import Project
import Plan
import Request
import SharedOptions
import Terminal
import Upkeep

struct LintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check whether an image follows a team's rules: base, age, tags, shell, labels, waste.",
        usage: "coracle lint <image> [<options>]",
        discussion: HelpExamples(
            "coracle lint ghcr.io/me/server:1.0 --max-age 30d",
            "coracle lint server.oci --rule lint.shell=error",
            "coracle lint server.oci --profile release",
            "coracle lint server.oci --warn-before 90d",
            "coracle lint server.oci --label org.opencontainers.image.source",
            note: """
                The section `lint` of ./coracle.yaml says the same for a project:
                lint: {rules: {lint.shell: error}}. Exits with 9 if an error is found.
                """
        ).text
    )

    @Argument(help: "An image: a layout, an archive, a reference.")
    var image: String

    @OptionGroup var platform: PlatformOptions

    @Option(
        help: ArgumentHelp("Set a rule to off, warning or error: CODE=LEVEL. Repeatable.", valueName: "rule"),
        completion: Completions.ruleLevels
    )
    var rule: [String] = []

    @Option(
        help: ArgumentHelp(
            "A label that an image must have, instead of the usual ones. Repeatable.",
            valueName: "key"
        )
    )
    var label: [String] = []

    @Option(help: ArgumentHelp("The largest age of a base, such as 30d.", valueName: "age"))
    var maxAge: String?

    @Option(
        help: ArgumentHelp("Warn so long before the support of the base ends, such as 90d.", valueName: "time")
    )
    var warnBefore: String?
    @Option(help: ArgumentHelp("The largest share of an image that may be wasted, such as 20%.", valueName: "percent"))
    var maxWaste: String?

    @Option(help: ArgumentHelp("Read the settings here instead of in ./coracle.yaml.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp("Also what the file says below `profiles` for this name. Repeatable.", valueName: "name")
    )
    var profile: [String] = []

    @Flag(help: "Also ask registries and mirrors: has the base's name moved, do packages have newer versions?")
    var online = false

    @OptionGroup var keyrings: KeyringOptions

    @OptionGroup var advisories: AdvisoryOptions

    @OptionGroup var format: FindingsFormat

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let settings = try settings()
        if !online, !keyrings.files.isEmpty {
            let hint = "leave it out, or add `--online`"
            throw Diagnostic(.usageConflict, "only `--online` needs keys", at: .option("--keyring"), hint: hint)
        }
        let platforms = try platform.platforms()
        try format.check()
        let advisories = try advisories.file()
        // Ages are counted from the time that reproducible builds set, else from this machine's.
        let now = try SourceDateEpoch.fromEnvironment() ?? .now
        let report = try await registry.withAccess(doing: "reading the image", bases: bases) { access in
            let linter = ImageLinter(access, settings, at: now, advisories: advisories)
            let location = try CheckSubject.image(named: image, access)
            let report = try await linter.lint(location, for: platforms)
            guard online else { return report }
            var survey = UpkeepSurvey.Settings()
            survey.platforms = platforms
            survey.keyrings = keyrings.files
            let upkeep = try await UpkeepSurvey(access, survey, at: now).report(on: [(image, location)], and: [])
            return report.adding { platform in
                let rows = upkeep.rows.filter { $0.platform == platform }
                return settings.applied(to: rows.flatMap(\.onlineFindings))
            }
        }
        try Console.output(format.document(report), else: report.text)
        if report.isRefused { throw ExitCode(Diagnostic.Category.policy.rawValue) }
    }

    /// The file's, and what was typed over them.
    private func settings() throws(Diagnostic) -> LintSettings {
        var settings = LintSettings()
        let file = config.map { FilePath($0) } ?? ProjectFile.usual
        if config != nil || !profile.isEmpty || (try? FileStatus(at: file)) != nil {
            settings = try LintSettings(readingFrom: file, besides: BuildOptions.projectKeys, profiles: profile)
        }
        for text in rule {
            let (code, level) = try Self.level(text)
            settings.levels[code] = level
        }
        if !label.isEmpty { settings.labels = label }
        if let maxAge { settings.maxAge = try Self.seconds(maxAge, of: "--max-age", like: "30d") }
        if let warnBefore { settings.warnBefore = try Self.seconds(warnBefore, of: "--warn-before", like: "90d") }
        if let maxWaste {
            guard let percent = LintSettings.percent(maxWaste) else {
                let reason = "it is not a whole number from 0 to 100"
                throw .optionMalformed(.usageMalformed, "--max-waste", maxWaste, because: reason, example: "20%")
            }
            settings.maxWaste = percent
        }
        return settings
    }

    private static func seconds(
        _ text: String,
        of option: String,
        like example: String
    ) throws(Diagnostic) -> Int64 {
        if let seconds = LintSettings.seconds(text) { return seconds }
        let reason = "it is not a number of hours, days or weeks"
        throw .optionMalformed(.usageMalformed, option, text, because: reason, example: example)
    }

    private static func level(_ text: String) throws(Diagnostic) -> (String, LintSettings.Level) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let level = LintSettings.Level(rawValue: parts[1]) else {
            let reason = "it is not CODE=off, CODE=warning or CODE=error"
            throw .optionMalformed(.usageMalformed, "--rule", text, because: reason, example: "lint.shell=off")
        }
        guard LintSettings.rules.contains(where: { $0.code == parts[0] }) else {
            let near = LintSettings.rules.map(\.code).filter { Spelling.distance(parts[0], $0) <= 3 }
            throw Diagnostic(
                .usageMalformed,
                "`coracle lint` has no rule `\(parts[0])`",
                at: .option("--rule"),
                hint: "there are "
                    + (near.isEmpty ? LintSettings.rules.map(\.code) : near).map { "`\($0)`" }.joined(separator: ", ")
            )
        }
        return (parts[0], level)
    }
}
