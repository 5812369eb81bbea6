import ArgumentParser
import Build
import Diagnostics
import OCI
import Plan

struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build an image from a static binary or an application directory.",
        usage: """
            coracle build <path> ... [<options>]
            coracle build --file <yaml> [--only <name> ...] [--shard <n/m>] [--keep-going] [<options>]
            """,
        discussion: """
            coracle build ./server -t ghcr.io/me/server:1.0 --push

            The platform is read from the programs.

            Standard output is one line, REF@sha256:…, so that `$(coracle build …)` or
            `skopeo inspect oci:server.oci` can follow; all else goes to standard error.
            """
    )

    @OptionGroup var options: BuildOptions
    @OptionGroup var many: ManyOptions
    @OptionGroup var bases: BaseOptions
    @OptionGroup var layering: LayeringOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let report = try await registry.withAccess(bases: bases, layering: layering) { access -> BuildReport? in
            if let batch = try many.batch(options, access) {
                try await BatchRun(options, many, access).build(batch)
                return nil
            }
            let (request, problems) = options.parsed(access)
            let builder = options.builder(access)
            let survey = problems.isEmpty ? try builder.survey(request) : nil
            UntilExit.keep(survey)
            // A document says more of a build than is kept of it.
            if !options.json, let recalled = try await builder.recall(survey, request),
                try await builder.publish(recalled, request)
            {
                Console.note(recalled.notes)
                Console.tell(recalled.findings)
                for line in recalled.summary { Console.log(line.escapedForTerminal) }
                let references = options.push ? recalled.references : Array(recalled.references.prefix(1))
                try Console.output(nil, else: references)
                return nil
            }
            let job = try await options.plan(request, problems, access, survey)
            UntilExit.keep(job.plan.layers)
            Console.note(job.plan.notes)
            Console.tell(job.plan.findings)
            return try await builder.build(job)
        }
        guard let report else { return }
        for line in report.summary { Console.log(line.escapedForTerminal) }
        try Console.output(
            options.json ? ResultDocument(report.json) : nil,
            else: report.kubernetes ?? (options.push ? report.references : [report.reference])
        )
    }
}

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print what build would write, and write nothing.",
        usage: """
            coracle plan <path> ... [<options>]
            coracle plan --file <yaml> [--only <name> ...] [--shard <n/m>] [<options>]
            """
    )

    @OptionGroup var options: BuildOptions
    @OptionGroup var many: ManyOptions
    @OptionGroup var bases: BaseOptions
    @OptionGroup var layering: LayeringOptions
    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let planned = try await registry.withAccess(bases: bases, layering: layering) {
            access -> (plan: BuildPlan, nextPush: NextPush?)? in
            if let batch = try many.batch(options, access) {
                try await BatchRun(options, many, access).plan(batch)
                return nil
            }
            let job = try await options.plan(access)
            Console.note(job.plan.notes)
            Console.tell(job.plan.findings)
            return (job.plan, try await options.builder(access).nextPush(job))
        }
        guard let (plan, nextPush) = planned else { return }
        let summary = plan.summary + (nextPush?.text(explains: options.reuse.explain) ?? [])
        // Whoever asks for YAML wants to hand it on.
        if plan.kubernetes != nil { for line in summary { Console.log(line.escapedForTerminal) } }
        try Console.output(options.json ? ResultDocument(plan.json(nextPush)) : nil, else: plan.kubernetes ?? summary)
    }
}
