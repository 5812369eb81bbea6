import ArgumentParser
import Build
import ByteIO
import Diagnostics
import EngineCommands
import Findings
import Handover
import Images
import OCI
import Plan
import Request
import SharedOptions
import SourceBuild
import Store
import Terminal

/// `build` and `plan` of many images: what they print, and what they exit with.
struct BatchRun {
    private let options: BuildOptions
    private let keepsGoing: Bool
    private let access: ImageAccess
    private var receiver: LoadReceiver?

    init(_ options: BuildOptions, _ many: ManyOptions, _ access: ImageAccess) {
        self.options = options
        keepsGoing = many.keepGoing
        self.access = access
    }

    private var builder: BatchBuilder {
        var builder = BatchBuilder(
            cores: options.effort.cores,
            access: access,
            keepsGoing: keepsGoing,
            detail: options.output.json ? .document : .summary
        )
        builder.receiver = receiver
        return builder
    }

    // MARK: Plan

    func plan(_ images: [BatchImage]) async throws {
        var run = BatchProgress(images)
        defer { run.close() }
        var plans = [Int: Named<Result<PlannedImage, DiagnosticList>>]()
        for wave in run.waves {
            let items = try await prepared(wave, &run)
            for (index, plan) in zip(wave, try await planned(items, .nothing)) { plans[index] = plan }
            _ = try failures(of: run, plans)
            // What others need is made, and not where it is to go.
            let bases = wave.indices.filter { run.isNeeded(wave[$0]) }
            let layouts = try bases.map { _ in try TemporaryLayout(in: access.settings.temporaryDirectory) }
            run.layouts += layouts
            let moved = zip(bases, layouts).map { base, layout in
                var item = items[base]
                (item.request.output, item.request.isPushed, item.request.names) = (.layout(layout.path), false, [])
                item.request.isLoaded = false
                item.statements = nil
                return item
            }
            let made = zip(moved, await builder.plan(moved, .earlierBuilds)).compactMap { item, plan in
                (try? plan.get()).map { Named(item.name, $0) }
            }
            let built = try await builder.build(made) { _ in }
            for (place, image) in zip(bases, moved) {
                let index = made.firstIndex { $0.name == image.name }
                run.add(wave[place], image, index.map { built[$0] })
            }
        }
        let all = images.indices.compactMap { plans[$0] }
        let failures = try failures(of: run, plans)
        let good = all.compactMap { $0.compactMap { (try? $0.get())?.job?.plan } }
        Console.report(failures)
        let json: JSON = ["images": .array(good.map { $0.value.json(of: $0.name) })]
        var lines = good.flatMap { plan in ["\(plan.name):"] + plan.value.summary.map { "  \($0)" } }
        if options.output.kubernetes {
            // Standard output is the YAML alone, so that it can be handed on.
            for line in lines { Console.log(line.escapedForTerminal) }
            lines = Array(good.compactMap(\.value.kubernetes).joined(separator: ["---"]))
        }
        try Console.output(options.output.json ? ResultDocument(json.adding(access.latest)) : nil, else: lines)
        if let first = failures.first { throw ExitCode(first.code.category.rawValue) }
    }

    // MARK: Build

    func build(_ images: [BatchImage], _ handover: Handover) async throws {
        var loading = self
        loading.receiver = try await options.receiver(access)
        try finish(try await loading.made(images), handover)
    }

    /// Builds the images.
    ///
    /// - Parameter observe: is called from any thread, for each image as soon as it is built.
    func made(
        _ images: [BatchImage],
        observe: @escaping @Sendable (BuiltImage) -> Void = { _ in }
    ) async throws -> BatchReport {
        var run = BatchProgress(images)
        defer { run.close() }
        for wave in run.waves {
            let items = try await prepared(wave, &run)
            let plans = try await planned(items, .earlierBuilds)
            // Without `--keep-going` the first problem is all there is to it, and nothing was written.
            _ = try failures(of: run, Dictionary(uniqueKeysWithValues: zip(wave, plans)))
            let good = plans.compactMap { $0.compactMap { try? $0.get() } }
            let log = OrderedLog(places: good.count)
            Activity.begin("building \(Self.images(good.count))")
            let built = try await builder.build(good) { event in
                switch event {
                case .built(let position, let image):
                    observe(image)
                    log.add(["built \(image.summary)"] + image.statements, at: position)
                case .failed(let position): log.add([], at: position)
                case .wrote(let path, let count): Console.log("wrote \(path.escapedForTerminal): \(Self.images(count))")
                }
            }
            var next = 0
            for (place, plan) in plans.enumerated() {
                switch plan.value {
                case .failure(let problems): run.add(wave[place], items[place], .failure(problems))
                case .success:
                    run.add(wave[place], items[place], built[next])
                    next += 1
                }
            }
        }
        return run.report
    }

    /// The images of a wave as they are planned: of programs that toolchains have made, on bases that were built.
    private func prepared(_ wave: [Int], _ run: inout BatchProgress) async throws -> [BatchItem] {
        var items = wave.map { run.images[$0].item }
        var allOptions = wave.map { run.images[$0].asked.options }
        var projects: [(place: Int, project: SourceProject)] = []
        for place in items.indices where items[place].problems.isEmpty {
            do throws(Diagnostic) {
                let project = try run.images[wave[place]].asked.project(items[place].request)
                if let project { projects.append((place, project)) }
            } catch {
                items[place].problems.append(error)
            }
        }
        if !projects.isEmpty {
            // A misspelt option is reported before a compiler has run.
            _ = try failures(of: run, [:])
            let found = Diagnostic.merged(items.map { Named($0.name, $0.problems) })
            if !keepsGoing, let list = DiagnosticList(found) { throw list }
            for (place, result) in try await built(projects, items, wave, &run) {
                switch result {
                case .success(let product):
                    let (options, parsed) = run.images[wave[place]].asked.request(for: product, access)
                    allOptions[place] = options
                    (items[place].request, items[place].problems) = (parsed.request, parsed.problems)
                case .failure(let problem): items[place].problems.append(problem)
                }
            }
        }
        for place in items.indices {
            do throws(Diagnostic) {
                try run.stand(wave[place], &items[place], access)
                items[place].statements = try allOptions[place].statements(items[place].request, access)
            } catch {
                items[place].problems.append(error)
            }
            if !items[place].problems.isEmpty { items[place].request.gate = nil }
        }
        return items
    }

    /// What toolchains make for the images at some places of a wave.
    private func built(
        _ projects: [(place: Int, project: SourceProject)],
        _ items: [BatchItem],
        _ wave: [Int],
        _ run: inout BatchProgress
    ) async throws -> [(place: Int, result: Result<SourceProject.Product, Diagnostic>)] {
        var jobs = [BatchSources.Job]()
        for (place, project) in projects {
            let item = items[place]
            let name = projects.count > 1 ? item.name : nil
            let workshop = try run.images[wave[place]].asked.workshop(item.request, access, saying: name)
            run.workshops.append(workshop)
            jobs.append(BatchSources.Job(name: item.name, project: project, request: item.request, workshop: workshop))
        }
        Activity.begin(
            jobs.count == 1
                ? "building \(jobs[0].project.typed.display.escapedForTerminal)"
                : "building the source of \(Self.images(jobs.count))"
        )
        let results = try await BatchSources(jobs, atMost: options.effort.cores, keepsGoing: keepsGoing).build()
        return zip(projects, results).map { ($0.place, $1) }
    }

    private func finish(_ report: BatchReport, _ handover: Handover) throws {
        let failures = Diagnostic.merged(report.failures.map { Named($0.name, $0.value.items) })
        Console.report(failures)
        Console.log(report.summary + (failures.isEmpty ? "" : "; \(Self.images(report.failures.count)) failed"))
        try handover.tell(.init(report.built.map(\.delivered), problems: failures, isBatch: true))
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
        // Without a program there is nothing to say about it.
        let unbuilt = items.map { item in DiagnosticList(item.problems.filter { $0.code.rawValue.hasPrefix("source.") })
        }
        var planned = await builder.plan(zip(items, unbuilt).filter { $0.1 == nil }.map(\.0), recall).makeIterator()
        let plans = zip(items, unbuilt).compactMap { item, problems in
            (problems.map { .failure($0) } ?? planned.next()).map { Named(item.name, $0) }
        }
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

    /// The problems that keep images from being built, with the images' names: those of their plans, or of what was asked.
    ///
    /// - Throws: that, unless the others are to be built all the same.
    private func failures(
        of run: BatchProgress,
        _ plans: [Int: Named<Result<PlannedImage, DiagnosticList>>]
    ) throws(DiagnosticList) -> [Diagnostic] {
        let found = run.images.enumerated().map { place, image -> Named<[Diagnostic]> in
            switch plans[place]?.value {
            case .failure(let problems)?: Named(image.item.name, problems.items)
            case .success?: Named(image.item.name, [])
            case nil: Named(image.item.name, image.item.problems)
            }
        }
        let failures = Diagnostic.merged(found)
        if !keepsGoing, let list = DiagnosticList(failures) { throw list }
        return failures
    }

    private static func images(_ count: Int) -> String { count == 1 ? "1 image" : "\(count) images" }
}
