import Applications
import ByteIO
import Diagnostics
import Findings
import Layers
import OCI
import Request
import Rootfs
import Stack

/// Plans the image of one platform, or the layers that several have in common.
struct ImagePlanner {
    /// What an image stands on, and the layers that all images have that stand on it.
    struct Ground {
        let base: Base?
        let stack: LayerStack
    }

    /// A planned image, but for the numbers of its layers.
    struct Result {
        let image: BuildPlan.Image
        let layers: [PlannedLayer]
    }

    let request: BuildRequest
    let inputs: PlanInputs
    /// What other images' plans have found out; `nil` for an image that is planned by itself.
    let share: PlanShare?
    let created: CreationTime

    /// The layers below the application's.
    func ground(on found: BaseReader.Found?) -> Checked<Ground> {
        var remarks = Remarks()
        var stack = LayerStack(on: found?.files)
        for step in LayerOrder.shared { stack = remarks.take(added(step, to: stack, nil, on: found?.base)) }
        for oddity in found?.base.oddities ?? [] { remarks.noteOnce(oddity) }
        if let base = found?.base, base.config.config.hasTriggers {
            remarks.noteOnce(
                Diagnostic(
                    .planBaseTriggers,
                    "the base's `ONBUILD` steps are not run, and do not stay in the image",
                    because: "`\(base.name)` has some"
                )
            )
        }
        return Checked(Ground(base: found?.base, stack: stack), remarks)
    }

    /// The image of `variant`; `nil` if something is wrong with it.
    func image(_ variant: Application.Variant, _ needs: ApplicationNeeds, on ground: Ground) -> Checked<Result?> {
        var remarks = Remarks()
        var stack = ground.stack
        for step in LayerOrder.own {
            stack = remarks.take(added(step, to: stack, variant, on: ground.base))
            // What follows from a layer that is not whole is no other mistake.
            guard remarks.problems.isEmpty else { return Checked(nil, remarks) }
        }
        if let problem = newerJava(variant, on: ground.base, stack) {
            remarks.problems.add(problem)
            return Checked(nil, remarks)
        }
        if let note = Self.danglingLinks(in: stack) { remarks.noteOnce(note) }
        if let note = deafPrograms(needs) { remarks.noteOnce(note) }
        let literals = LiteralVariables.notes(request.configuration.environment, over: ground.base?.config.config)
        for note in literals { remarks.noteOnce(note) }
        let config = remarks.collect { () throws(Diagnostic) in
            try self.config(variant, needs, stack, ground.base)
        }
        guard let config, remarks.take(checkedStart(config, variant, stack)) else {
            return Checked(nil, remarks)
        }
        let checks = remarks.take(checks(stack, needs, config, ground.base))
        guard remarks.problems.isEmpty else { return Checked(nil, remarks) }
        for note in stack.notes { remarks.noteOnce(note) }
        if let base = ground.base {
            for note in decisions(config, on: base, stack) { remarks.noteOnce(note) }
        }
        let image = BuildPlan.Image(
            platform: variant.platform,
            evidence: variant.evidence,
            base: ground.base,
            layers: [],
            config: config,
            annotations: annotations(on: ground.base).merging(checks.annotations) { $1 },
            findings: checks.findings,
            needs: needs,
            runtime: RuntimeReport(inputs.runtime?.options, needs, in: stack),
            policy: checks.policy
        )
        let layers = stack.blueprints.map { blueprint in
            let compression = compression(of: blueprint.kind)
            let ordered = blueprint.ordered(for: compression.codec, request.prefetched)
            return PlannedLayer(blueprint: ordered, compression: compression)
        }
        return Checked(Result(image: image, layers: layers), remarks)
    }

    private func compression(of kind: LayerBlueprint.Kind) -> LayerCompression {
        kind.isReplaceable ? .shared(inputs.compression.codec) : inputs.compression
    }

    // MARK: Layers

    /// `stack` with the layers of `step` on it.
    ///
    /// - Parameter variant: the application; `nil` for layers that all images have.
    private func added(
        _ step: LayerOrder.Step,
        to stack: LayerStack,
        _ variant: Application.Variant?,
        on base: Base?
    ) -> Checked<LayerStack> {
        switch (step, variant) {
        case (.runtime, _):
            guard let runtime = inputs.runtime else { return Checked(stack) }
            let home = base?.config.config.value(of: "JAVA_HOME")
            guard let share else { return runtime.added(to: stack, javaHome: home) }
            let key = PlanShare.RuntimeKey(base: base?.manifest.digest, plan: runtime)
            return share.runtime(key) { runtime.added(to: stack, javaHome: home) }
        case (.additions, _): return withAdditions(stack)
        case (.mediaTypes, _): return MediaTypesLayer.added(to: stack, inputs)
        case (.user, _): return UserPlaces.added(to: stack, inputs, on: base)
        case (.imageAdditions, let variant?): return withImageAdditions(stack, for: variant.platform)
        case (.application, let variant?): return with(variant, stack, on: base)
        case (.libraries, let variant?): return LibraryList.added(to: stack, for: variant.platform)
        case (.imageAdditions, nil), (.application, nil), (.libraries, nil): return Checked(stack)
        }
    }

    private func withAdditions(_ stack: LayerStack) -> Checked<LayerStack> {
        var (remarks, result) = (Remarks(), stack)
        result.stated = Set(request.made.filter(\.statesMode).compactMap { try? EntryPath(absolute: $0.path) })
        result.add(
            inputs.additions,
            as: .additions,
            createdBy: "coracle: "
                + (request.additions.map { "--add \($0.destination)" } + request.made.map(\.step)).joined(
                    separator: " "
                ),
            lineage: request.paths.map { request.lineage(of: $0).display }.joined(separator: "\u{0}"),
            modified: request.modified.secondsSince1970,
            &remarks.problems
        )
        result.stated = []
        return Checked(result, remarks)
    }

    private func withImageAdditions(_ stack: LayerStack, for platform: Platform) -> Checked<LayerStack> {
        var (remarks, result) = (Remarks(), stack)
        let paths = request.paths.map { request.lineage(of: $0).display }
        result.add(
            inputs.imageAdditions.entries(for: platform),
            as: .additions,
            createdBy: inputs.imageAdditions.step,
            lineage: (["other images", platform.description] + paths).joined(separator: "\u{0}"),
            modified: request.modified.secondsSince1970,
            &remarks.problems
        )
        return Checked(result, remarks)
    }

    private func with(_ variant: Application.Variant, _ stack: LayerStack, on base: Base?) -> Checked<LayerStack> {
        var (remarks, result) = (Remarks(), stack)
        let room = LayerOrder.room(above: (base?.layers.count ?? 0) + stack.blueprints.count)
        for part in ApplicationPart.parts(of: variant, request.split, after: inputs.previousSteps, atMost: room) {
            result.add(
                part.entries,
                as: part.kind,
                createdBy: part.createdBy,
                lineage: variant.source.display,
                modified: request.modified.secondsSince1970,
                &remarks.problems
            )
        }
        return Checked(result, remarks)
    }

    private static func danglingLinks(in stack: LayerStack) -> Diagnostic? {
        let dangling = stack.danglingSymlinks
        guard let first = dangling.first, case .symlink(let target) = first.content else { return nil }
        let rest = dangling.count > 1 ? ", and \(dangling.count - 1) more" : ""
        return Diagnostic(
            .planDanglingSymlink,
            "a symlink leads to nothing in the image: `\(first.path)`\(rest)",
            because: "there is no `\(String(printing: target))` there"
        )
    }

    // MARK: Configuration

    /// Variables for programs that read no bundle of the system: where the user brings authorities, they are to be trusted.
    private func authorities(for variant: Application.Variant, on base: Base?) -> [String] {
        guard inputs.runtime?.ownCertificates != nil else { return [] }
        let names =
            switch variant.recognized?.kind {
            case .node: ["NODE_EXTRA_CA_CERTS", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"]
            case .python: ["REQUESTS_CA_BUNDLE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"]
            case .java, .dotnet, .ruby, .staticSite, nil: [String]()
            }
        let known = base?.config.config.env ?? []
        return names.filter { name in !known.contains { $0.hasPrefix("\(name)=") } }
            .map { "\($0)=/\(Certificates.path)" }
    }

    private func start(of variant: Application.Variant, on base: Base?) -> ConfigurationPlan.Start {
        if let words = request.configuration.entrypoint ?? variant.words(on: base) { return .words(words) }
        return .ofBase
    }

    private func config(
        _ variant: Application.Variant,
        _ needs: ApplicationNeeds,
        _ stack: LayerStack,
        _ base: Base?
    ) throws(Diagnostic) -> ImageConfig {
        try inputs.configuration.config(
            ConfigurationPlan.Surroundings(
                start: start(of: variant, on: base),
                workingDirectory: variant.workingDirectory,
                hasCertificates: stack.resolve(EntryPath(unchecked: Array(Certificates.path.utf8))) != nil,
                platform: variant.platform,
                created: created.time,
                base: base?.config,
                accounts: stack.baseAccounts,
                environment: (variant.recognized?.environment ?? []) + authorities(for: variant, on: base),
                labels: SourceLabels.labels(request.vcs, needs.maker, created: created),
                ports: variant.recognized?.ports ?? []
            )
        )
    }

    /// Whether the entry point is there and can be started.
    private func checkedStart(
        _ config: ImageConfig,
        _ variant: Application.Variant,
        _ stack: LayerStack
    ) -> Checked<Bool> {
        var remarks = Remarks()
        let execution = config.config
        let isOfBase = request.configuration.entrypoint == nil && variant.entrypoint == nil
        let words = isOfBase ? (execution.entrypoint ?? []) + (execution.cmd ?? []) : execution.entrypoint ?? []
        if isOfBase, words.isEmpty, var problem = inputs.application?.withoutStart {
            problem.reason = (problem.reason.map { "\($0), and " } ?? "") + "the base starts nothing"
            remarks.problems.add(problem)
            return Checked(false, remarks)
        }
        guard let first = words.first, !first.isEmpty else {
            remarks.problems.add(
                Diagnostic(
                    .planEntrypoint,
                    "the entry point is empty",
                    at: .option("--entrypoint"),
                    hint: "name the program that the container starts"
                )
            )
            return Checked(false, remarks)
        }
        let check = EntrypointCheck(stack: stack, execution: execution)
        let isFine: Void? = remarks.collect { () throws(Diagnostic) in
            try check.check(first, known: variant.programs)
        }
        return Checked(isFine != nil, remarks)
    }

    /// The manifest says what the base is, unless the user says something else.
    private func annotations(on base: Base?) -> [String: String] {
        guard let base else { return request.annotations }
        var annotations = [AnnotationKey.baseDigest: base.manifest.digest.description]
        annotations[AnnotationKey.baseName] = base.reference
        return annotations.merging(request.annotations) { $1 }
    }

    /// What was decided differently than the base says.
    private func decisions(_ config: ImageConfig, on base: Base, _ stack: LayerStack) -> [Diagnostic] {
        var notes = [Diagnostic]()
        let said = base.config.config.user ?? ""
        if request.configuration.user == nil, said != config.config.user {
            notes.append(
                Diagnostic(
                    .planUser,
                    "the image runs as user \(config.config.user ?? "")",
                    because: said.isEmpty
                        ? "the base names no user" : ConfigurationPlan.meaning(ofBaseUser: said, stack.baseAccounts),
                    hint: "choose another with `--user`"
                )
            )
        }
        if base.platform.variant != nil, !base.platform.matches(config.platform) {
            notes.append(
                Diagnostic(
                    .planOlderBase,
                    "the image for \(config.platform) builds on a base for \(base.platform)"
                )
            )
        }
        let layers = base.layers.count + stack.blueprints.count
        if layers > LayerOrder.mostLayers {
            notes.append(
                Diagnostic(
                    .planManyLayers,
                    "the image has \(layers) layers",
                    because: "container engines often take \(LayerOrder.mostLayers) at most"
                )
            )
        }
        return notes
    }
}

extension Diagnostic.Code {
    static let planDanglingSymlink = Self("plan.dangling-symlink", .input)
    static let planEntrypoint = Self("plan.entrypoint", .usage)
    static let planBaseTriggers = Self("plan.base-triggers", .input)
    static let planUser = Self("plan.user", .input)
    static let planOlderBase = Self("plan.older-base", .input)
    static let planManyLayers = Self("plan.many-layers", .input)
}
