import ArgumentParser
import Build
import Diagnostics
import Images
import OCI
import Plan
import SharedOptions
import Terminal

struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build an image from executables or an application directory.",
        usage: """
            coracle build <path> ... [<options>]
            coracle build --file <yaml> [--only <name> ...] [<options>]
            """,
        discussion: Examples(
            "coracle build ./server",
            "coracle build ./server -t ghcr.io/me/server:1.0 --push",
            "coracle build ./app --base debian:13-slim --env PORT=8080 -o app.tar",
            note: """
                The platform is read from the programs. Standard output is one line,
                REF@sha256:…, so that `$(coracle build …)` can follow; all else goes to
                standard error.
                """
        ).text
    )

    @OptionGroup var options: BuildOptions
    @OptionGroup(title: "Signatures") var provenance: ProvenanceOptions
    @OptionGroup(title: "Many images") var many: ManyOptions
    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Bases") var layering: LayeringOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        do {
            try await build()
        } catch {
            StandardOutputArchive.discard()
            throw error
        }
    }

    private func build() async throws {
        let report = try await registry.withAccess(bases: bases, layering: layering) { access -> BuildReport? in
            if let batch = try many.batch(options, access) {
                try provenance.check(options, isOfMany: true)
                if options.output.isStandardOutput {
                    throw Diagnostic(
                        .usageConflict,
                        "standard output cannot be several images",
                        at: .option("--output"),
                        hint: "write them to files"
                    )
                }
                try refuseSBOM()
                try await BatchRun(options, many, access).build(batch)
                return nil
            }
            return try await build(access)
        }
        guard let report else { return }
        for line in report.summary { Console.log(line.escapedForTerminal) }
        try output(
            options.output.json ? ResultDocument(report.json) : nil,
            else: report.kubernetes ?? (options.output.push ? report.references : [report.reference])
        )
    }

    /// Writes the result; an archive on standard output leaves no room for anything else there.
    private func output(_ document: ResultDocument?, else lines: [String]) throws {
        guard options.output.isStandardOutput else {
            return try Console.output(document, else: lines, after: "the image is written")
        }
        try StandardOutputArchive.deliver()
        for line in lines { Console.log(line.escapedForTerminal) }
    }

    private func refuseSBOM() throws(Diagnostic) {
        let given = ["sbom", "sbom-output", "sbom-add"].first { BuildFlag.named($0).isGiven(in: options) }
        guard let given else { return }
        throw Diagnostic(
            .usageConflict,
            "`--\(given)` is about one image",
            at: .option("--\(given)"),
            because: "`--file` builds several",
            hint: "use `coracle sbom IMAGE` on each when they are built"
        )
    }

    /// Builds one image; `nil` if an earlier build was published, and its references were printed.
    private func build(_ access: ImageAccess) async throws -> BuildReport? {
        Activity.begin("planning")
        let parsed = options.parsed(access)
        try provenance.check(options, isOfMany: false)
        var builder = options.builder(access)
        builder.pushed = try options.afterPush(access)
        try await parsed.request.verifyBase(access)
        let sbom = try BuildSBOM(options, parsed.request, access)
        builder.takesDigests = sbom != nil
        let survey = parsed.problems.isEmpty ? try builder.survey(parsed.request) : nil
        UntilExit.keep(survey)
        let detail = options.output.json ? Builder.RecallDetail.factsAndFiles : .facts
        if !provenance.isWanted, let recalled = try await builder.recall(survey, parsed.request, detail),
            try await builder.publish(recalled, parsed.request)
        {
            try await sbom?.finish(recalled, builder, parsed.request)
            Console.note(recalled.notes)
            Console.report(recalled.findings)
            for line in recalled.summary { Console.log(line.escapedForTerminal) }
            try output(
                options.output.json ? ResultDocument(recalled.json) : nil,
                else: options.output.push ? recalled.references : Array(recalled.references.prefix(1))
            )
            return nil
        }
        let job = try await options.plan(parsed, access, survey)
        UntilExit.keep(job.plan.layers)
        Console.note(job.plan.notes)
        Console.report(job.plan.findings)
        Activity.begin(options.output.push ? "writing and pushing the image" : "writing the image")
        let report = try await builder.build(job)
        try await sbom?.finish(report)
        try await provenance.state(report, options, access)
        return report
    }
}

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print what `build` would write, and write nothing.",
        usage: """
            coracle plan <path> ... [<options>]
            coracle plan --file <yaml> [--only <name> ...] [<options>]
            """,
        discussion: Examples(
            "coracle plan ./server",
            "coracle plan ./app --base debian:13-slim --json",
            "coracle plan ./server -t ghcr.io/me/server:1.0 --push --explain"
        ).text
    )

    @OptionGroup var options: BuildOptions
    @OptionGroup(title: "Many images") var many: ManyOptions
    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Bases") var layering: LayeringOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let planned = try await registry.withAccess(bases: bases, layering: layering) {
            access -> (plan: BuildPlan, nextPush: NextPush?)? in
            if let batch = try many.batch(options, access) {
                try await BatchRun(options, many, access).plan(batch)
                return nil
            }
            Activity.begin("planning")
            let parsed = options.parsed(access)
            try await parsed.request.verifyBase(access)
            let job = try await options.plan(parsed, access)
            Console.note(job.plan.notes)
            Console.report(job.plan.findings)
            return (job.plan, try await options.builder(access).nextPush(job))
        }
        guard let (plan, nextPush) = planned else { return }
        let summary = plan.summary + (nextPush?.text(explains: options.layers.explain) ?? [])
        // Standard output is the YAML alone, so that it can be handed on.
        if plan.kubernetes != nil { for line in summary { Console.log(line.escapedForTerminal) } }
        try Console.output(
            options.output.json ? ResultDocument(plan.json(nextPush)) : nil,
            else: plan.kubernetes ?? summary
        )
    }
}
