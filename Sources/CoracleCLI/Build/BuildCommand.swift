import ArgumentParser
import Build
import BuildAttachments
import Diagnostics
import Images
import OCI
import Plan
import SharedOptions
import Terminal

struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build an image from executables, an application directory, or source.",
        usage: """
            coracle build <path> ... [<options>]
            coracle build --file <yaml> [--only <name> ...] [<options>]
            """,
        discussion: HelpText(
            "coracle build ./server",
            "coracle build ./cmd/server --platform linux/arm64",
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
    @OptionGroup(title: "Many images") var many: ManyOptions
    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Bases") var newest: NewestOptions
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
        let report = try await registry.withAccess(
            bases: bases,
            layering: layering,
            newest: newest,
            project: many.directory
        ) { access -> (BuildReport, latest: [JSON])? in
            if let batch = try many.batch(options, access, isBuilt: true) {
                if options.output.isStandardOutput {
                    throw Diagnostic(
                        .usageConflict,
                        "standard output cannot be several images",
                        at: .option("--output"),
                        hint: "write them to files"
                    )
                }
                try await BatchRun(options, many, access).build(batch)
                return nil
            }
            return try await build(access).map { ($0, access.latest) }
        }
        guard let (report, latest) = report else { return }
        log(report.summary, report.statements)
        try output(
            options.output.json ? ResultDocument(report.json.adding(latest)) : nil,
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

    /// Builds one image; `nil` if an earlier build was published, and its references were printed.
    private func build(_ access: ImageAccess) async throws -> BuildReport? {
        Activity.begin("planning")
        return try await options.withSource(options.parsed(access), access) { options, parsed in
            try await build(options, parsed, access)
        }
    }

    private func build(
        _ options: BuildOptions,
        _ parsed: ParsedRequest,
        _ access: ImageAccess
    ) async throws -> BuildReport? {
        let builder = options.builder(access)
        let statements = try options.statements(parsed.request, access)
        try await parsed.request.verifyBase(access)
        let survey = parsed.problems.isEmpty ? try builder.survey(parsed.request) : nil
        UntilExit.keep(survey)
        let detail = options.output.json ? Builder.RecallDetail.factsAndFiles : .facts
        if !(statements?.needsPlan ?? false), let kept = try await builder.recall(survey, parsed.request, detail),
            let recalled = try await builder.publish(kept, parsed.request, statements)
        {
            Console.note(recalled.notes)
            Console.report(recalled.findings)
            log(recalled.summary, recalled.statements)
            try output(
                options.output.json ? ResultDocument(recalled.json.adding(access.latest)) : nil,
                else: options.output.push ? recalled.references : Array(recalled.references.prefix(1))
            )
            return nil
        }
        var job = try await options.plan(parsed, access, survey)
        job.statements = statements
        UntilExit.keep(job.plan.layers)
        Console.note(job.plan.notes)
        Console.report(job.plan.findings)
        Activity.begin(options.output.push ? "writing and pushing the image" : "writing the image")
        return try await builder.build(job)
    }

    private func log(_ summary: [String], _ statements: [BuildStatement]) {
        for line in summary + statements.compactMap(\.line) { Console.log(line.escapedForTerminal) }
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
        discussion: HelpText(
            "coracle plan ./server",
            "coracle plan ./app --base debian:13-slim --json",
            "coracle plan ./server -t ghcr.io/me/server:1.0 --push --explain"
        ).text
    )

    @OptionGroup var options: BuildOptions
    @OptionGroup(title: "Many images") var many: ManyOptions
    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Bases") var newest: NewestOptions
    @OptionGroup(title: "Bases") var layering: LayeringOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let planned = try await registry.withAccess(
            bases: bases,
            layering: layering,
            newest: newest,
            project: many.directory
        ) { access -> (plan: BuildPlan, nextPush: NextPush?, latest: [JSON])? in
            if let batch = try many.batch(options, access, isBuilt: false) {
                try await BatchRun(options, many, access).plan(batch)
                return nil
            }
            Activity.begin("planning")
            return try await options.withSource(options.parsed(access), access) { options, parsed in
                try await parsed.request.verifyBase(access)
                let job = try await options.plan(parsed, access)
                Console.note(job.plan.notes)
                Console.report(job.plan.findings)
                return (job.plan, try await options.builder(access).nextPush(job), access.latest)
            }
        }
        guard let (plan, nextPush, latest) = planned else { return }
        let summary = plan.summary + (nextPush?.text(explains: options.layers.explain) ?? [])
        // Standard output is the YAML alone, so that it can be handed on.
        if plan.kubernetes != nil { for line in summary { Console.log(line.escapedForTerminal) } }
        try Console.output(
            options.output.json ? ResultDocument(plan.json(nextPush).adding(latest)) : nil,
            else: plan.kubernetes ?? summary
        )
    }
}
