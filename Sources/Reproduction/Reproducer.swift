package import Build
package import ByteIO
import Check
import Comparison
package import Diagnostics
import Images
import Layers
import OCI
package import Plan
package import Request
import Stack
import Store

/// Makes an image again, from what it says of itself, what its provenance says, and the files that went into it.
package struct Reproducer: Sendable {
    /// The request that a command line of `build` makes, by its words.
    package typealias Parsing = @Sendable (_ options: [RecordedOption], _ paths: [String]) throws(DiagnosticList) ->
        BuildRequest

    private let builder: Builder
    private let parse: Parsing
    private let version: String
    private var access: ImageAccess { builder.access }

    /// - Parameter version: that of this coracle.
    package init(_ builder: Builder, version: String, parse: @escaping Parsing) {
        self.builder = builder
        self.version = version
        self.parse = parse
    }

    /// What is to be made again, of what, and how.
    package struct Task: Sendable {
        package let original: MadeImages
        package let record: BuildRecord?
        /// Files of this machine: the application's, then those that `--add` added.
        package let sources: [String]
        /// Options that the user gives, which go before all others.
        package let given: [RecordedOption]

        package init(_ original: MadeImages, _ record: BuildRecord?, sources: [String], given: [RecordedOption]) {
            self.original = original
            self.record = record
            self.sources = sources
            self.given = given
        }
    }

    /// The build that would make the image again, decided and not made.
    package struct Draft: Sendable {
        package let plan: BuildPlan
        package let request: BuildRequest
        /// All options but `--platform`, in the order of the command line.
        package let options: [RecordedOption]
        package let paths: [String]
    }

    // MARK: Deciding

    /// Finds the options with which the plan is the image, as far as that shows before anything is built.
    ///
    /// - Throws: `reproduce.…`; all that is wrong with the request that comes out.
    package func draft(_ task: Task) async throws(DiagnosticList) -> Draft {
        let original = task.original
        guard let first = original.images.first else { preconditionFailure("there is at least one image") }
        let steps = MadeSteps(first.steps)
        let count = steps.destinations.count
        guard task.sources.count > count else {
            throw DiagnosticList(Self.sourceMissing(original.name, steps, given: task.sources.count))
        }
        let paths = Array(task.sources.dropLast(count))
        var fixed = try await fixedOptions(task, first, Array(task.sources.suffix(count)))
        fixed = fixed.filter { option in !task.given.contains { $0.name == option.name && !Self.isPair(option.name) } }
        let bases = try await bases(task, first)
        var trials = [[RecordedOption]]()
        // What was recorded is complete: nothing has to be guessed.
        if task.record?.options == nil { trials = Self.trials(steps, first, paths) }
        var draft = try await plan(fixed + bases.prefix(1) + task.given, paths, original)
        if let wanted = first.annotations[AnnotationKey.baseDigest] {
            for base in bases.dropFirst() where draft.plan.images.first?.base?.manifest.digest.description != wanted {
                guard let other = try? await plan(fixed + [base] + task.given, paths, original) else { continue }
                if other.plan.images.first?.base?.manifest.digest.description == wanted { draft = other }
            }
        }
        for trial in trials where !Self.hasSteps(of: first, draft.plan) {
            let names = Set(trial.map(\.name))
            let isGiven = task.given.contains { names.contains($0.name) }
            guard !isGiven, let other = try? await plan(draft.options + trial, paths, original) else { continue }
            if Self.commonSteps(of: first, other.plan) > Self.commonSteps(of: first, draft.plan) { draft = other }
        }
        // What the provenance says of the configuration is held to; values of the environment it does not say.
        let isRecorded = task.record?.options != nil
        let needed = ConfigurationOptions.needed(original, draft.plan, onlyEnvironment: isRecorded)
            .filter { option in !task.given.contains { $0.name == option.name && !Self.isPair(option.name) } }
            .filter { option in !Self.isPair(option.name) || !task.given.contains { Self.key($0) == Self.key(option) } }
        return try await planned(needed + draft.options, paths, original, isChecked: true)
    }

    private static func isPair(_ name: String) -> Bool { ["env", "label", "annotation"].contains(name) }

    /// An option with the key of its pair.
    private static func key(_ option: RecordedOption) -> String {
        "\(option.name) \(option.value?.prefix { $0 != "=" } ?? "")"
    }

    private static func sourceMissing(_ name: String, _ steps: MadeSteps, given: Int) -> Diagnostic {
        let added = steps.destinations.map { "what was added at `\($0)`" }
        let wanted = ["the application at `\(steps.place ?? "/")`"] + added
        return Diagnostic(
            .reproduceSourceMissing,
            "`\(name)` was made of \(wanted.count == 1 ? "one path" : "\(wanted.count) paths"), and \(given) \(given == 1 ? "is" : "are") given",
            at: .option("--from"),
            because: "its history names \(wanted.joined(separator: ", then "))",
            hint: "give each with `--from PATH`, in this order"
        )
    }

    /// What is known before anything is planned.
    private func fixedOptions(
        _ task: Task,
        _ image: MadeImage,
        _ added: [String]
    ) async throws(DiagnosticList) -> [RecordedOption] {
        do throws(Diagnostic) {
            let budget = SharedBudget()
            var layers: [(step: String, files: LayerFiles)] = []
            for layer in image.own {
                layers.append((layer.step, try await LayerFiles(layer.descriptor, of: task.original.provider, budget)))
            }
            let shown = ShownOptions(layers)
            guard let recorded = task.record?.options else {
                return shown.additions(from: added) + shown.application + image.statedOptions
            }
            var sources = added[...]
            var options = [RecordedOption]()
            for option in recorded {
                switch option.name {
                case "add":
                    guard let source = sources.popFirst() else { continue }
                    let text = source.replacing(":", with: "\\:") + ":" + (option.value ?? "")
                    options.append(RecordedOption("add", text, .record))
                // Of a file of the machine its digest is recorded: the user has to give it.
                case "ca", "ca-only":
                    guard !task.given.contains(where: { $0.name == option.name }) else { continue }
                    throw Diagnostic(
                        .reproduceOptionFile,
                        "`\(task.original.name)` was made with `--\(option.name)`, and the file is not given",
                        at: .option("--\(option.name)"),
                        because: "the provenance records only its digest, \(option.value ?? "none")",
                        hint: "give it behind two hyphens: `-- --\(option.name) FILE`"
                    )
                default: options.append(option)
                }
            }
            return options
        } catch {
            throw DiagnosticList(error)
        }
    }

    // MARK: Bases

    /// The bases that it can be; one in a registry stands for what it was, whatever its name is by now.
    private func bases(_ task: Task, _ image: MadeImage) async throws(DiagnosticList) -> [RecordedOption] {
        guard !task.given.contains(where: { $0.name == "base" }) else { return [] }
        guard !image.base.isEmpty || image.annotations[AnnotationKey.baseDigest] != nil else {
            return [RecordedOption("base", "scratch")]
        }
        do throws(Diagnostic) {
            var names = try BaseSuggestions.names(for: image, access)
            if let recorded = task.record?.base, recorded != "a file", !names.contains(recorded) {
                names.insert(recorded, at: 0)
            }
            guard let name = names.first else { throw Self.baseUnknown(task.original.name) }
            if case .registry(let reference)? = try? access.location(ofBase: name) {
                let images = task.original.images.compactMap { image -> (platform: Platform, digest: Digest)? in
                    guard let digest = image.annotations[AnnotationKey.baseDigest].flatMap({ try? Digest(parsing: $0) })
                    else { return nil }
                    return (image.platform, digest)
                }
                if !images.isEmpty {
                    do throws(Diagnostic) {
                        try await access.gather(reference, images)
                    } catch {
                        throw Self.baseGone(error, name)
                    }
                }
            }
            return names.map { RecordedOption("base", $0) }
        } catch {
            throw DiagnosticList(error)
        }
    }

    private static func baseUnknown(_ name: String) -> Diagnostic {
        Diagnostic(
            .reproduceBaseUnknown,
            "`\(name)` does not say which base it was built upon",
            at: .image(name),
            because: "it has no name of a base, and no base of the catalogue has its packages",
            hint: "name the base behind two hyphens: `-- --base IMAGE`"
        )
    }

    private static func baseGone(_ problem: Diagnostic, _ name: String) -> Diagnostic {
        var problem = problem
        problem.hint =
            "the base `\(name)` is needed as it was: if there is a copy of it, name that: `-- --base oci:DIR`"
        return problem
    }

    // MARK: Trials

    /// What leaves no other trace than the names of layers.
    private static func trials(_ steps: MadeSteps, _ image: MadeImage, _ paths: [String]) -> [[RecordedOption]] {
        func option(_ name: String, _ value: String? = nil) -> RecordedOption { RecordedOption(name, value) }
        var trials: [[RecordedOption]] = [
            [option("minimal")], [option("no-zoneinfo")], [option("no-ca")],
            [option("no-ca"), option("no-zoneinfo")], [option("no-runtime")],
        ]
        let place = steps.place.map { [option("dest", $0)] } ?? []
        trials += [
            place, [option("layers", "auto")], [option("layers", "auto")] + place, [option("layers", "one")],
            [option("layers", "one")] + place,
        ]
        if steps.application.count > 10 {
            trials.append([option("layers", "auto"), option("max-layers", String(steps.application.count))])
        } else if steps.application.count > 1 {
            trials.append([option("layers", "auto"), option("max-layers", String(steps.application.count))] + place)
        }
        return trials.filter { !$0.isEmpty }
    }

    private static func steps(of plan: BuildPlan) -> [String] {
        plan.images.first?.layers.map { plan.layers[$0].blueprint.createdBy } ?? []
    }

    private static func hasSteps(of image: MadeImage, _ plan: BuildPlan) -> Bool { steps(of: plan) == image.steps }

    /// How many of the steps both have; wrong ones count against it.
    private static func commonSteps(of image: MadeImage, _ plan: BuildPlan) -> Int {
        let (wanted, planned) = (Set(image.steps), Set(steps(of: plan)))
        return wanted.intersection(planned).count - wanted.symmetricDifference(planned).count
    }

    // MARK: Planning

    private func plan(
        _ options: [RecordedOption],
        _ paths: [String],
        _ original: MadeImages
    ) async throws(DiagnosticList) -> Draft {
        do throws(DiagnosticList) {
            return try await planned(options, paths, original)
        } catch {
            // An application that does not say how it starts is started as the image is.
            guard !options.contains(where: { $0.name == "entrypoint" }),
                let words = original.images.first?.config.config.entrypoint
            else { throw error }
            let start = [RecordedOption("entrypoint", ConfigurationOptions.array(words))]
            guard let draft = try? await planned(start + options, paths, original) else { throw error }
            return draft
        }
    }

    private func planned(
        _ options: [RecordedOption],
        _ paths: [String],
        _ original: MadeImages,
        isChecked: Bool = false
    ) async throws(DiagnosticList) -> Draft {
        var request = try request(options, paths)
        if request.platforms.isEmpty { request.platforms = original.images.map(\.platform) }
        // As long as it is not known how it is run, it cannot be checked whether it can.
        if !isChecked { request.gate = nil }
        let steps = request.split.rule == .auto ? original.images.first?.steps ?? [] : []
        let plan = try await Planner.plan(request, access, after: steps)
        return Draft(plan: plan, request: request, options: options, paths: paths)
    }

    /// The request, in a clean place: nothing of the environment, no cache of builds, and no layers of other images.
    private func request(_ options: [RecordedOption], _ paths: [String]) throws(DiagnosticList) -> BuildRequest {
        var request = try parse(options, paths)
        if case .at(_, let source) = request.created, source != "--created" { request.created = .fromPrograms }
        if request.vcs != nil { request.vcs = SourceState() }
        request.startedAt = nil
        request.reuse = ReuseOptions()
        request.reuse.sources = []
        request.names = []
        request.isPushed = false
        request.output = .layout("reproduced.oci")
        return request
    }

    // MARK: Making

    /// Builds `draft` into a new layout, and compares it with the original.
    ///
    /// - Parameter directory: exists, and is empty.
    /// - Throws: what building and reading throw.
    package func reproduce(
        _ task: Task,
        _ draft: Draft,
        in directory: FilePath
    ) async throws(DiagnosticList) -> ReproducedImage {
        do throws(Diagnostic) {
            let layout = directory.appending("reproduced.oci")
            let job = try await BuildJob(draft.plan, for: draft.request, nil, access)
            _ = try await builder.build(job, draftsIn: directory, sharing: nil) { images async throws(Diagnostic) in
                try await LayoutDestination(layout).publish(images)
            }
            let rebuilt = try await MadeImages(.layout(layout, name: nil), access)
            let original = task.original
            let finder = CauseFinder(
                original: original,
                rebuilt: rebuilt,
                task: task,
                draft: draft,
                version: version,
                limits: try TableLimits(environment: access.settings.environment)
            )
            guard rebuilt.top != original.top else {
                let lie = try await finder.lie()
                return ReproducedImage(original, rebuilt, task, draft, version: version, cause: nil, lie: lie)
            }
            let cause = try await finder.first()
            let difference = try await ImageComparer(access).compare(
                .image(original.provider, name: original.name),
                .image(rebuilt.provider, name: "made again")
            )
            return ReproducedImage(
                original,
                rebuilt,
                task,
                draft,
                version: version,
                cause: cause,
                difference: difference
            )
        } catch {
            throw DiagnosticList(error)
        }
    }
}

extension Diagnostic.Code {
    static let reproduceSourceMissing = Self("reproduce.source-missing", .usage)
    static let reproduceOptionFile = Self("reproduce.option-file", .usage)
    static let reproduceBaseUnknown = Self("reproduce.base-unknown", .usage)
}
