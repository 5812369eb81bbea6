import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import Images
import OCI
import Plan

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell whether an image can run, or whether a program could on a base.",
        usage: "coracle check <image> [<options>] | coracle check <path> ... --base <image> [<options>]",
        discussion: """
            coracle check ghcr.io/me/server:1.0
            coracle check ./server --base debian12/base

            Exits with 9 if something is found that is an error and not allowed.
            """
    )

    @Argument(help: "An image: a layout, an archive, a reference. Or programs, or an application directory.")
    var subjects: [String]

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("What a program or directory is to stand on, as `build` takes it.", valueName: "image")
    )
    var base: String?

    @Option(help: ArgumentHelp("What a directory starts, as `build` takes it. Repeatable.", valueName: "word"))
    var entrypoint: [String] = []

    @Option(help: ArgumentHelp("The image's platform, such as linux/arm64. Repeatable.", valueName: "platform"))
    var platform: [String] = []

    @OptionGroup var rules: AllowedRules

    @OptionGroup var format: FindingsFormat

    @Flag(help: "Print what a Kubernetes pod has to say, as YAML for its spec, in the place of what was found.")
    var kubernetes = false

    @OptionGroup var bases: BaseOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let options = try rules.options()
        let platforms = try BaseOptions.platforms(platform)
        try format.check()
        let report = try await registry.withAccess(bases: bases) { access in
            let checker = ImageChecker(access, options, describesPod: kubernetes)
            switch try CheckSubject(parsing: subjects, hasBase: base != nil, access) {
            case .image(let location):
                guard entrypoint.isEmpty else { throw Self.startsItself(subjects[0]) }
                return try await checker.check(location, for: platforms)
            case .application(let paths):
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
        // Whoever asks for YAML wants to hand it on.
        if report.kubernetes != nil { for line in report.text { Console.log(line.escapedForTerminal) } }
        try Console.output(format.document(report), else: report.kubernetes ?? report.text)
        if report.isRefused { throw ExitCode(Diagnostic.Category.policy.rawValue) }
    }

    private static func startsItself(_ image: String) -> Diagnostic {
        Diagnostic(
            .usageConflict,
            "`\(image)` is an image, which says itself what it starts",
            at: .option("--entrypoint"),
            hint: "leave the option out, or name the directory that the image is made of"
        )
    }
}
