import ArgumentParser
import BuildCommands
import ByteIO
import Checkup
import Diagnostics
import Images
import OCI
import Plan
import Request
import SharedOptions
import Terminal

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check whether an image can run, or whether a program could on a base.",
        usage: """
            coracle check <image> [<options>]
            coracle check <path> ... --base <image> [<options>]
            """,
        discussion: HelpExamples(
            "coracle check ghcr.io/me/server:1.0",
            "coracle check ./server --base debian12/base",
            "coracle check server.oci --allow run.no-shell --sarif",
            note: """
                Exits with 9 if an error is found that is not allowed.
                """
        ).text
    )

    @Argument(help: "An image: a layout, an archive, a reference. Or programs, or an application directory.")
    var subjects: [String]

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The base that a program or directory will have, as in `build`.", valueName: "image"),
        completion: Completions.bases
    )
    var base: String?

    @Option(help: ArgumentHelp("The program that a directory starts, as in `build`. Repeatable.", valueName: "word"))
    var entrypoint: [String] = []

    @OptionGroup var platform: PlatformOptions

    @OptionGroup var rules: AllowedRules

    @OptionGroup var advisories: AdvisoryOptions

    @OptionGroup var format: FindingsFormat

    @Option(
        help: ArgumentHelp(
            "A file of Kubernetes: report what its containers that run the image ask, and the image cannot meet.",
            valueName: "file"
        )
    )
    var pod: String?

    @Flag(help: "Print the settings that a Kubernetes pod needs, as YAML for its spec, instead of the findings.")
    var kubernetes = false

    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let options = try rules.options()
        let platforms = try platform.platforms()
        try format.check()
        let advisories = try advisories.file()
        let pods = try pod.map { path throws(Diagnostic) in try PodFile(readingFrom: FilePath(path)) }
        let report = try await registry.withAccess(doing: "checking", bases: bases) { access in
            let checker = ImageChecker(
                access,
                options,
                describesPod: kubernetes,
                advisories: advisories,
                pods: pods
            )
            switch try CheckSubject(parsing: subjects, hasBase: base != nil, access) {
            case .image(let location):
                guard entrypoint.isEmpty else { throw Self.startsItself(subjects[0]) }
                return try await checker.check(location, for: platforms)
            case .application(let paths):
                guard advisories == nil else { throw Self.hasNoPackages(paths) }
                guard pods == nil else { throw Self.isNoImage(paths) }
                var request = BuildRequest(paths: paths)
                request.platforms = platforms
                if !entrypoint.isEmpty {
                    request.configuration.entrypoint = try BuildOptions.words(entrypoint, "--entrypoint")
                }
                request.base = try base.flatMap { base throws(Diagnostic) in
                    base == "scratch" ? nil : try access.location(ofBase: base)
                }
                return try await checker.check(request)
            }
        }
        // Standard output is the YAML alone, so that it can be handed on.
        if report.kubernetes != nil { for line in report.text { Console.log(line.escapedForTerminal) } }
        try Console.output(format.document(report), else: report.kubernetes ?? report.text)
        if report.isRefused { throw ExitCode(Diagnostic.Category.policy.rawValue) }
    }

    private static func hasNoPackages(_ paths: [FilePath]) -> Diagnostic {
        Diagnostic(
            .usageConflict,
            "vulnerabilities are looked for in images",
            at: .option("--advisories"),
            because: "`\(paths.first?.display ?? "")` is what an image is made of",
            hint: "name the image, or the base alone, as in `coracle check debian13/cc --advisories FILE`"
        )
    }

    private static func isNoImage(_ paths: [FilePath]) -> Diagnostic {
        Diagnostic(
            .usageConflict,
            "pods run images",
            at: .option("--pod"),
            because: "`\(paths.first?.display ?? "")` is what an image is made of",
            hint: "build the image first, and name that"
        )
    }

    private static func startsItself(_ image: String) -> Diagnostic {
        Diagnostic(
            .usageConflict,
            "`\(image)` is an image, and its configuration says what it starts",
            at: .option("--entrypoint"),
            hint: "leave the option out, or name the directory that the image is made of"
        )
    }
}
