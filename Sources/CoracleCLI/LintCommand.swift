import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import Gate
import Glibc
import OCI
import Plan

struct LintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Tell whether an image is as a team wants its images: base, age, tags, shell, labels.",
        usage: "coracle lint <image> [<options>]",
        discussion: """
            coracle lint ghcr.io/me/server:1.0 --max-age 30d
            coracle lint server.oci --rule lint.shell=error --rule lint.label-missing=off

            ./coracle.yaml says the same for a project: lint: {rules: {lint.shell: error}}.
            Exits with 9 if something is found that is an error.
            """
    )

    @Argument(help: "An image: a layout, an archive, a reference.")
    var image: String

    @Option(help: ArgumentHelp("The image's platform, such as linux/arm64. Repeatable.", valueName: "platform"))
    var platform: [String] = []

    @Option(
        help: ArgumentHelp("Take a rule for off, a warning or an error: CODE=LEVEL. Repeatable.", valueName: "rule")
    )
    var rule: [String] = []

    @Option(
        help: ArgumentHelp(
            "A label that an image has to have, in the place of the usual. Repeatable.",
            valueName: "key"
        )
    )
    var label: [String] = []

    @Option(help: ArgumentHelp("How old a base may be, such as 30d.", valueName: "age"))
    var maxAge: String?

    @Option(help: ArgumentHelp("The settings, in the place of ./coracle.yaml.", valueName: "file"))
    var config: String?

    @OptionGroup var format: FindingsFormat

    @OptionGroup var bases: BaseOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let settings = try settings()
        let platforms = try BaseOptions.platforms(platform)
        try format.check()
        let now = try Self.now()
        let report = try await registry.withAccess(bases: bases) { access in
            let linter = ImageLinter(access, settings, at: now)
            return try await linter.lint(try CheckSubject.image(named: image, access), for: platforms)
        }
        try Console.output(format.document(report), else: report.text)
        if report.isRefused { throw ExitCode(Diagnostic.Category.policy.rawValue) }
    }

    /// The file's, and what was typed over them.
    private func settings() throws(Diagnostic) -> LintSettings {
        var settings = LintSettings()
        if let config {
            settings = try LintSettings(readingFrom: FilePath(config))
        } else if (try? FileStatus(at: LintSettings.usualFile)) != nil {
            settings = try LintSettings(readingFrom: LintSettings.usualFile)
        }
        for text in rule {
            let (code, level) = try Self.level(text)
            settings.levels[code] = level
        }
        if !label.isEmpty { settings.labels = label }
        if let maxAge {
            guard let seconds = LintSettings.seconds(maxAge) else {
                let reason = "it is not a number of hours, days or weeks"
                throw .optionMalformed(.usageMalformed, "--max-age", maxAge, because: reason, example: "30d")
            }
            settings.maxAge = seconds
        }
        return settings
    }

    private static func level(_ text: String) throws(Diagnostic) -> (String, LintSettings.Level) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let level = LintSettings.Level(rawValue: parts[1]) else {
            let reason = "it is not CODE=off, CODE=warning or CODE=error"
            throw .optionMalformed(.usageMalformed, "--rule", text, because: reason, example: "lint.shell=off")
        }
        guard Rule.lint.contains(where: { $0.code == parts[0] }) else {
            let near = Rule.lint.map(\.code).filter { Spelling.distance(parts[0], $0) <= 3 }
            throw Diagnostic(
                .usageMalformed,
                "`coracle lint` has no rule `\(parts[0])`",
                at: .option("--rule"),
                hint: "there are "
                    + (near.isEmpty ? Rule.lint.map(\.code) : near).map { "`\($0)`" }.joined(separator: ", ")
            )
        }
        return (parts[0], level)
    }

    /// What ages are counted from: reproducible builds say it, else this machine's clock.
    private static func now() throws(Diagnostic) -> Timestamp {
        guard let text = ProcessEnvironment["SOURCE_DATE_EPOCH"] else {
            return Timestamp(secondsSince1970: Int64(time(nil)))
        }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let time = try? Timestamp(parsing: text) else {
            throw Diagnostic(
                .usageMalformed,
                "the environment variable SOURCE_DATE_EPOCH is not a time",
                at: .option("SOURCE_DATE_EPOCH"),
                because: "its value is `\(text)`",
                hint: "set it to seconds since 1970, or unset it"
            )
        }
        return time
    }
}
