package import ArgumentParser
import Build
import BuildAttachments
import Diagnostics
import Handover
import Images
import OCI
import Plan
import SharedOptions
import Terminal

/// `coracle build`.
package struct BuildCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build an image from executables, an application directory, or source.",
        usage: """
            coracle build <path> ... [<options>]
            coracle build [--file <yaml>] [--profile <name> ...] [<options>]
            """,
        discussion: HelpExamples(
            "coracle build ./server",
            "coracle build ./cmd/server --platform linux/arm64",
            "coracle build ./server -t ghcr.io/me/server:1.0 --push",
            "coracle build ./app --base debian:13-slim --env PORT=8080 -o app.tar",
            "coracle build --profile release",
            note: """
                The platform is read from the programs. Standard output is one line,
                REF@sha256:…, so that `$(coracle build …)` can follow; all else goes to
                standard error.
                """
        ).text
    )

    @OptionGroup var arguments: BuildArguments
    @OptionGroup(title: "For other programs") var forPrograms: HandoverOptions

    package init() {}

    package func run() async throws {
        let handover = try forPrograms.handover()
        do {
            try await build(handover)
        } catch {
            StandardOutputArchive.discard()
            try handover.tell(failure: error)
            throw error
        }
    }

    private func build(_ handover: Handover) async throws {
        let built = try await arguments.run { asked, access in
            try await build(asked, access, handover).map { ($0, access.latest) }
        } several: { run, images in
            try await run.build(images, handover)
        }
        guard let (asked, result) = built, let (report, latest) = result else { return }
        let options = asked.options
        try handover.tell(.init([report.delivered]))
        log(report.summary, report.statements)
        try output(
            options,
            options.output.json ? ResultDocument(report.json.adding(latest)) : nil,
            else: report.kubernetes ?? (options.output.push ? report.references : [report.reference])
        )
    }

    /// Writes the result; an archive on standard output leaves no room for anything else there.
    private func output(_ options: BuildOptions, _ document: ResultDocument?, else lines: [String]) throws {
        guard options.output.isStandardOutput else {
            return try Console.output(document, else: lines, after: "the image is written")
        }
        try StandardOutputArchive.deliver()
        for line in lines { Console.log(line.escapedForTerminal) }
    }

    /// Builds one image; `nil` if an earlier build was published, and its references were printed.
    private func build(_ asked: AskedImage, _ access: ImageAccess, _ handover: Handover) async throws -> BuildReport? {
        Activity.begin("planning")
        return try await asked.withSource(asked.parsed(access), access) { options, parsed in
            try await build(options, parsed, access, handover)
        }
    }

    private func build(
        _ options: BuildOptions,
        _ parsed: ParsedRequest,
        _ access: ImageAccess,
        _ handover: Handover
    ) async throws -> BuildReport? {
        var builder = options.builder(access)
        if parsed.problems.isEmpty { builder.receiver = try await options.receiver(access) }
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
            try handover.tell(.init([recalled.delivered]))
            try output(
                options,
                options.output.json ? ResultDocument(recalled.json.adding(access.latest)) : nil,
                else: recalled.kubernetes
                    ?? (options.output.push ? recalled.references : Array(recalled.references.prefix(1)))
            )
            return nil
        }
        var job = try await options.plan(parsed, access, survey)
        job.statements = statements
        UntilExit.keep(job.plan.layers)
        Console.note(job.plan.notes)
        Console.report(job.plan.findings)
        Activity.begin(
            options.output.push
                ? "writing and pushing the image"
                : options.output.isLoaded ? "writing and loading the image" : "writing the image"
        )
        return try await builder.build(job)
    }

    private func log(_ summary: [String], _ statements: [BuildStatement]) {
        for line in summary + statements.compactMap(\.line) { Console.log(line.escapedForTerminal) }
    }
}

/// `coracle plan`.
package struct PlanCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print what `build` would write, and write nothing.",
        usage: """
            coracle plan <path> ... [<options>]
            coracle plan [--file <yaml>] [--profile <name> ...] [<options>]
            """,
        discussion: HelpExamples(
            "coracle plan ./server",
            "coracle plan ./app --base debian:13-slim --json",
            "coracle plan ./server -t ghcr.io/me/server:1.0 --push --explain"
        ).text
    )

    @OptionGroup var arguments: BuildArguments

    package init() {}

    package func run() async throws {
        let planned = try await arguments.run { asked, access -> (BuildPlan, NextPush?, [JSON]) in
            Activity.begin("planning")
            return try await asked.withSource(asked.parsed(access), access) { options, parsed in
                try await parsed.request.verifyBase(access)
                let job = try await options.plan(parsed, access)
                Console.note(job.plan.notes)
                Console.report(job.plan.findings)
                return (job.plan, try await options.builder(access).nextPush(job), access.latest)
            }
        } several: { run, images in
            try await run.plan(images)
        }
        guard let (asked, (plan, nextPush, latest)) = planned else { return }
        let options = asked.options
        let summary = plan.summary + (nextPush?.text(explains: options.layers.explain) ?? [])
        // Standard output is the YAML alone, so that it can be handed on.
        if plan.kubernetes != nil { for line in summary { Console.log(line.escapedForTerminal) } }
        try Console.output(
            options.output.json ? ResultDocument(plan.json(nextPush).adding(latest)) : nil,
            else: plan.kubernetes ?? summary
        )
    }
}
