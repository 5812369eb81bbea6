import ArgumentParser
import Build
import Diagnostics
import Findings
import Images
import OCI
import Request
import Synchronization
import Terminal

/// `build` and `plan` of many images: what they print, and what they exit with.
struct BatchRun {
    private let options: BuildOptions
    private let keepsGoing: Bool
    private let access: ImageAccess

    init(_ options: BuildOptions, _ many: ManyOptions, _ access: ImageAccess) {
        self.options = options
        keepsGoing = many.keepGoing
        self.access = access
    }

    private var builder: BatchBuilder {
        BatchBuilder(
            cores: options.effort.cores,
            access: access,
            keepsGoing: keepsGoing,
            detail: options.output.json ? .document : .summary
        )
    }

    // MARK: Plan

    func plan(_ items: [BatchItem]) async throws {
        let plans = try await planned(items, .nothing)
        let failures = try failures(of: plans)
        let good = plans.compactMap { $0.compactMap { (try? $0.get())?.job?.plan } }
        Console.report(failures)
        let json: JSON = ["images": .array(good.map { $0.value.json(of: $0.name) })]
        let lines = good.flatMap { plan in ["\(plan.name):"] + plan.value.summary.map { "  \($0)" } }
        try Console.output(options.output.json ? ResultDocument(json.adding(access.latest)) : nil, else: lines)
        if let first = failures.first { throw ExitCode(first.code.category.rawValue) }
    }

    // MARK: Build

    func build(_ items: [BatchItem]) async throws {
        let plans = try await planned(items, .earlierBuilds)
        // Without `--keep-going` the first problem is all there is to it, and nothing was written.
        _ = try failures(of: plans)
        let good = plans.compactMap { $0.compactMap { try? $0.get() } }
        let log = OrderedLog(places: good.count)
        Activity.begin("building \(Self.images(good.count))")
        let built = try await builder.build(good) { event in
            switch event {
            case .built(let position, let image): log.add(["built \(image.summary)"] + image.statements, at: position)
            case .failed(let position): log.add([], at: position)
            case .wrote(let path, let count): Console.log("wrote \(path.escapedForTerminal): \(Self.images(count))")
            }
        }
        var outcomes = [Named<Result<BuiltImage, DiagnosticList>>]()
        var next = 0
        for plan in plans {
            switch plan.value {
            case .failure(let problems): outcomes.append(Named(plan.name, .failure(problems)))
            case .success:
                outcomes.append(Named(plan.name, built[next]))
                next += 1
            }
        }
        try finish(BatchReport(outcomes))
    }

    private func finish(_ report: BatchReport) throws {
        let failures = Diagnostic.merged(report.failures.map { Named($0.name, $0.value.items) })
        Console.report(failures)
        Console.log(report.summary + (failures.isEmpty ? "" : "; \(Self.images(report.failures.count)) failed"))
        let lines =
            options.output.kubernetes
            ? Array(report.built.compactMap(\.kubernetes).joined(separator: ["---"]))
            : report.built.flatMap(\.references)
        if options.output.json || !lines.isEmpty {
            try Console.output(
                options.output.json ? ResultDocument(report.json.adding(access.latest)) : nil,
                else: lines
            )
        }
        if let first = failures.first { throw ExitCode(first.code.category.rawValue) }
    }

    // MARK: Both

    /// The plans, after what is worth knowing about them was reported once for all.
    private func planned(
        _ items: [BatchItem],
        _ recall: BatchBuilder.Recall
    ) async throws -> [Named<Result<PlannedImage, DiagnosticList>>] {
        var verified = Set<BaseAndKey>()
        for request in items.map(\.request) where verified.insert(BaseAndKey(request)).inserted {
            try await request.verifyBase(access)
        }
        Activity.begin("planning \(Self.images(items.count))")
        let plans = zip(items, await builder.plan(items, recall)).map { Named($0.name, $1) }
        let good = plans.compactMap { $0.compactMap { try? $0.get() } }
        Console.note(Diagnostic.merged(good.map { Named($0.name, $0.value.notes) }))
        for (kind, found) in Self.byKind(good.map { Named($0.name, $0.value.findings) }) {
            for finding in Diagnostic.merged(found) { Console.report(finding, by: kind.rule, as: kind.severity) }
        }
        return plans
    }

    /// What is verified once for all images that have it in common.
    private struct BaseAndKey: Hashable {
        let base: ImageLocation?
        let key: String?

        init(_ request: BuildRequest) { (base, key) = (request.base, request.baseKey) }
    }

    /// What findings have in common that are reported together.
    private struct Kind: Hashable {
        let rule: Rule
        let severity: Rule.Severity

        init(_ finding: Finding) { (rule, severity) = (finding.rule, finding.severity) }
    }

    /// Findings by their rules and severities, in the order of the first of each.
    private static func byKind(_ found: [Named<[Finding]>]) -> [(Kind, [Named<[Diagnostic]>])] {
        var kinds = [Kind]()
        for image in found {
            for kind in image.value.map(Kind.init) where !kinds.contains(kind) { kinds.append(kind) }
        }
        return kinds.map { kind in
            (kind, found.map { Named($0.name, $0.value.filter { Kind($0) == kind }.map(\.diagnostic)) })
        }
    }

    /// The problems that keep images from being built, with the images' names.
    ///
    /// - Throws: that, unless the others are to be built all the same.
    private func failures(
        of plans: [Named<Result<PlannedImage, DiagnosticList>>]
    ) throws(DiagnosticList) -> [Diagnostic] {
        let found = plans.map { plan -> Named<[Diagnostic]> in
            if case .failure(let problems) = plan.value {
                Named(plan.name, problems.items)
            } else {
                Named(plan.name, [])
            }
        }
        let failures = Diagnostic.merged(found)
        if !keepsGoing, let list = DiagnosticList(failures) { throw list }
        return failures
    }

    private static func images(_ count: Int) -> String { count == 1 ? "1 image" : "\(count) images" }
}

/// Lines that become known in any order, and are written in the order of their places.
private final class OrderedLog: Sendable {
    private struct State {
        /// The lines of each place; `nil` while they are not known.
        var lines: [[String]?]
        var next = 0
    }

    private let state: Mutex<State>

    init(places: Int) { state = Mutex(State(lines: Array(repeating: nil, count: places))) }

    func add(_ lines: [String], at place: Int) {
        state.withLock { state in
            state.lines[place] = lines
            while state.next < state.lines.count, let lines = state.lines[state.next] {
                for line in lines { Console.log(line.escapedForTerminal) }
                state.lines[state.next] = []
                state.next += 1
            }
        }
    }
}
