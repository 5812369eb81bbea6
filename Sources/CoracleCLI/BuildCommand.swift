import ArgumentParser
import Coracle
import Diagnostics
import OCI

struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build an image from a static binary or an application directory.",
        discussion: """
            The platform is read from the programs. Standard output is one line, REF@sha256:…, so that
            `skopeo inspect oci:server.oci` or `$(coracle build …)` can follow; everything else goes to standard error.
            """
    )

    @OptionGroup var options: BuildOptions

    func run() async throws {
        let plan = try options.plan()
        Console.note(plan.notes)
        let report = try await options.builder.build(plan)
        for line in report.summary { Console.log(line.escapedForTerminal) }
        try Console.output(options.json ? report.json : nil, else: [report.reference])
    }
}

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print what build would write, and write nothing."
    )

    @OptionGroup var options: BuildOptions

    func run() throws {
        let plan = try options.plan()
        Console.note(plan.notes)
        try Console.output(options.json ? plan.json : nil, else: plan.summary)
    }
}
