import Archive
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
    package typealias Parsing =
        @Sendable (_ options: [RecordedOption], _ paths: [String]) throws(DiagnosticList) ->
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
    package final class Draft: Sendable {
        package let plan: BuildPlan
        package let request: BuildRequest
        /// The image that is made again, and how much of it is its base.
        package let original: MadeImages
        /// All options but `--platform`, in the order of the command line.
        package let options: [RecordedOption]
        package let paths: [String]

        init(
            plan: BuildPlan,
            request: BuildRequest,
            original: MadeImages,
            options: [RecordedOption],
            paths: [String]
        ) {
            self.plan = plan
            self.request = request
            self.original = original
            self.options = options
            self.paths = paths
        }
    }

    // MARK: Deciding

    /// Finds the options with which the plan is the image, as far as that shows before anything is built.
    ///
    /// - Throws: `reproduce.…`; all that is wrong with the request that comes out.
    package func draft(_ task: Task) async throws(DiagnosticList) -> Draft {
        let bases = try await bases(task)
        let original = await standing(task.original, on: task.given.first { $0.name == "base" } ?? bases.first)
        guard let first = original.images.first else { preconditionFailure("there is at least one image") }
        let steps = MadeSteps(first.steps)
        let count = steps.destinations.count
        guard task.sources.count > count else {
            throw DiagnosticList(Self.sourceMissing(original.name, steps, given: task.sources.count))
        }
        let paths = Array(task.sources.dropLast(count))
        let layers = try await layers(of: first, original)
        if let problem = Self.otherKind(original.name, steps, layers, paths) { throw DiagnosticList(problem) }
        let shapes = layers.map { Shape($0.step, count: $0.files.files.count) }
        var fixed = try fixedOptions(task, first, layers, Array(task.sources.suffix(count)))
        fixed = fixed.filter { option in !task.given.contains { $0.name == option.name && !Self.isPair(option.name) } }
        var trials = [[[RecordedOption]]]()
        // What was recorded is complete: nothing has to be guessed.
        if task.record?.options == nil { trials = Self.trials(steps) }
        var draft: Draft
        do throws(DiagnosticList) {
            draft = try await plan(fixed + bases.prefix(1) + task.given, paths, original)
        } catch {
            throw count == 0 ? error : Self.inOrder(error, steps)
        }
        if let wanted = first.annotations[AnnotationKey.baseDigest] {
            for base in bases.dropFirst() where draft.plan.images.first?.base?.manifest.digest.description != wanted {
                guard let other = try? await plan(fixed + [base] + task.given, paths, original) else { continue }
                if other.plan.images.first?.base?.manifest.digest.description == wanted { draft = other }
            }
        }
        for group in trials {
            var best = draft
            for trial in group where !Self.hasSteps(of: shapes, best.plan) {
                let names = Set(trial.map(\.name))
                guard !task.given.contains(where: { names.contains($0.name) }),
                    let other = try? await plan(draft.options + trial, paths, original)
                else { continue }
                if Self.commonSteps(of: shapes, other.plan) > Self.commonSteps(of: shapes, best.plan) { best = other }
            }
            draft = best
        }
        // What the provenance says of the configuration is held to; values of the environment it does not say.
        let isRecorded = task.record?.options != nil
        let needed = MissingOptions.needed(original, draft.plan, onlyEnvironment: isRecorded)
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

    /// What is wrong if the image was made of a program, and a directory is given; else `nil`.
    private static func otherKind(
        _ name: String,
        _ steps: MadeSteps,
        _ layers: [(step: String, files: LayerFiles)],
        _ paths: [String]
    ) -> Diagnostic? {
        guard let place = steps.place.map({ EntryPath(normalizing: $0) }),
            layers.contains(where: { $0.files.files.contains { $0.path == place && $0.entry.kind == .regular } }),
            let path = paths.first(where: {
                (try? FileStatus(at: FilePath($0), following: true))?.kind == .directory
            })
        else { return nil }
        return Diagnostic(
            .reproduceSourceOther,
            "`\(name)` was made of a program, and `\(path)` is a directory",
            at: .option("--from"),
            because: "`\(place)` is a file in the image",
            hint:
                "give the program that the image was built from with `--from PATH`; if it was built from source, build it first"
        )
    }

    /// Paths in another order are mostly not what the application's place asks for.
    private static func inOrder(_ list: DiagnosticList, _ steps: MadeSteps) -> DiagnosticList {
        let order =
            "`--from` names the application first, then what was added at \(steps.destinations.joined(separator: ", "))"
        let items = list.items.map { problem in
            var problem = problem
            if problem.code.category == .input {
                problem.hint = problem.hint.map { "\($0); \(order)" } ?? order
            }
            return problem
        }
        return DiagnosticList(items) ?? list
    }

    private func layers(
        of image: MadeImage,
        _ original: MadeImages
    ) async throws(DiagnosticList) -> [(step: String, files: LayerFiles)] {
        do throws(Diagnostic) {
            let budget = SharedBudget(try TableLimits(environment: access.settings.environment))
            var layers: [(step: String, files: LayerFiles)] = []
            for layer in image.own {
                layers.append((layer.step, try await LayerFiles(layer.descriptor, of: original.provider, budget)))
            }
            return layers
        } catch {
            throw DiagnosticList(error)
        }
    }

    /// What is known before anything is planned.
    private func fixedOptions(
        _ task: Task,
        _ image: MadeImage,
        _ layers: [(step: String, files: LayerFiles)],
        _ added: [String]
    ) throws(DiagnosticList) -> [RecordedOption] {
        do throws(Diagnostic) {
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
                // The history has the digest that the name stood for.
                case "add-from": continue
                // Only the digest of such a file is recorded: the user has to give it.
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
            return shown.imageAdditions + options
        } catch {
            throw DiagnosticList(error)
        }
    }

    // MARK: Bases

    /// The bases that it can be; one in a registry stands for what it was, whatever its name is by now.
    private func bases(_ task: Task) async throws(DiagnosticList) -> [RecordedOption] {
        guard let image = task.original.images.first else { return [] }
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
                        throw Self.baseGone(error, name, of: task.original.name)
                    }
                }
            }
            return names.map { RecordedOption("base", $0) }
        } catch {
            throw DiagnosticList(error)
        }
    }

    /// `original`, knowing which of its layers are those of the base that `option` names.
    private func standing(_ original: MadeImages, on option: RecordedOption?) async -> MadeImages {
        guard let name = option?.value, name != "scratch", let location = try? access.location(ofBase: name) else {
            return original
        }
        // Bases of the catalogue have no mark, and are not assembled for this.
        if case .catalogue(_) = location { return original }
        guard let provider = try? access.provider(for: location), let bases = try? await PlatformImage.all(of: provider)
        else { return original }
        var original = original
        original.stand(on: bases)
        return original
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

    private static func baseGone(_ problem: Diagnostic, _ name: String, of image: String) -> Diagnostic {
        let hint = "the base `\(name)` is needed as it was: if there is a copy of it, name that: `-- --base oci:DIR`"
        guard problem.code.category == .notFound else {
            var problem = problem
            problem.hint = problem.hint.map { "\($0); \(hint)" } ?? hint
            return problem
        }
        return Diagnostic(
            .reproduceBaseGone,
            "the base that `\(image)` was built upon is gone",
            at: .image(name),
            because: problem.reason.map { "\(problem.summary): \($0)" } ?? problem.summary,
            hint: hint
        )
    }

    // MARK: Trials

    /// What leaves no other trace than the names of layers.
    /// At most one of each group is taken: that whose plan has most of the image's layers.
    private static func trials(_ steps: MadeSteps) -> [[[RecordedOption]]] {
        func option(_ name: String, _ value: String? = nil) -> RecordedOption { RecordedOption(name, value) }
        let runtime = [
            [option("minimal")], [option("no-zoneinfo")], [option("no-ca")],
            [option("no-ca"), option("no-zoneinfo")], [option("no-ca"), option("minimal")], [option("no-runtime")],
        ]
        let place = steps.place.map { [option("dest", $0)] } ?? []
        let count = String(steps.application.count)
        var layers = [place, [option("layers", "auto")], [option("layers", "one")]]
        if steps.application.count > 1 { layers.append([option("layers", "auto"), option("max-layers", count)]) }
        layers += layers.dropFirst().map { $0 + place }
        return [runtime, layers.filter { !$0.isEmpty }]
    }

    /// What is known of a layer before it is built: its step, and how many entries it has if coracle brings them.
    private struct Shape: Hashable {
        let step: String
        let count: Int?

        init(_ step: String, count: Int) {
            self.step = step
            self.count = MadeSteps([step]).runtime.isEmpty ? nil : count
        }
    }

    private static func shapes(of plan: BuildPlan) -> [Shape] {
        (plan.images.first?.layers ?? []).map { layer in
            let blueprint = plan.layers[layer].blueprint
            return Shape(blueprint.createdBy, count: blueprint.entries.count)
        }
    }

    private static func hasSteps(of wanted: [Shape], _ plan: BuildPlan) -> Bool { shapes(of: plan) == wanted }

    /// How many of the layers both have; wrong ones count against it.
    private static func commonSteps(of wanted: [Shape], _ plan: BuildPlan) -> Int {
        let (wanted, planned) = (Set(wanted), Set(shapes(of: plan)))
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
            let start = [RecordedOption("entrypoint", MissingOptions.array(words))]
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
        return Draft(plan: plan, request: request, original: original, options: options, paths: paths)
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
            var rebuilt = try await MadeImages(.layout(layout, name: nil), access)
            let counts = draft.plan.images.map { ($0.platform, $0.base?.layers.count ?? 0) }
            rebuilt.stand(onLayers: Dictionary(counts) { first, _ in first })
            let original = draft.original
            let finder = CauseFinder(
                original: original,
                rebuilt: rebuilt,
                task: task,
                draft: draft,
                version: version,
                limits: try TableLimits(environment: access.settings.environment),
                lock: try LockSuggestion(for: original.images[0], access)
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
    static let reproduceSourceOther = Self("reproduce.source-other", .input)
    static let reproduceOptionFile = Self("reproduce.option-file", .usage)
    static let reproduceBaseGone = Self("reproduce.base-gone", .notFound)
    static let reproduceBaseUnknown = Self("reproduce.base-unknown", .usage)
}
