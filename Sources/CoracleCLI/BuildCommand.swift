import ArgumentParser
import Coracle
import Diagnostics
import OCI

struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build an image from a static binary or an application directory.",
        usage: "coracle build <path> ... [<options>]",
        discussion: """
            coracle build ./server -t ghcr.io/me/server:1.0 --push

            The platform is read from the programs.

            Standard output is one line, REF@sha256:…, so that `$(coracle build …)` or
            `skopeo inspect oci:server.oci` can follow; all else goes to standard error.
            """
    )

    @OptionGroup var options: BuildOptions
    @OptionGroup var bases: BaseOptions
    @OptionGroup var layering: LayeringOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let report = try await registry.withAccess(bases: bases, layering: layering) { access in
            let plan = try await options.plan(access)
            Console.note(plan.notes)
            Console.tell(plan.findings)
            return try await options.builder(access).build(plan)
        }
        for line in report.summary { Console.log(line.escapedForTerminal) }
        try Console.output(
            options.json ? report.json : nil,
            else: report.kubernetes ?? (options.push ? report.references : [report.reference])
        )
    }
}

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print what build would write, and write nothing.",
        usage: "coracle plan <path> ... [<options>]"
    )

    @OptionGroup var options: BuildOptions
    @OptionGroup var bases: BaseOptions
    @OptionGroup var layering: LayeringOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let plan = try await registry.withAccess(bases: bases, layering: layering) { try await options.plan($0) }
        Console.note(plan.notes)
        Console.tell(plan.findings)
        // Whoever asks for YAML wants to hand it on.
        if plan.kubernetes != nil { for line in plan.summary { Console.log(line.escapedForTerminal) } }
        try Console.output(options.json ? plan.json : nil, else: plan.kubernetes ?? plan.summary)
    }
}
