import ByteIO
package import Diagnostics
import ELF
import Glibc
package import Images
import Layers
import OCI
import Rootfs
package import SourceTree
import Stack

/// Decides the images. Looks at files and bases, and opens no output.
package struct Planner {
    package var request: BuildRequest
    /// Whether a base can be read, and the user named none.
    package var choosesBase = false
    /// Whether it is only looked at what there is.
    package var isSurvey = false
    /// The application directory, if it was walked already.
    var tree: DirectoryTree?
    /// What other images' plans have found out; nil for an image that is planned by itself.
    package var share: PlanShare?
    package var problems = Problems()
    package var notes: [Diagnostic] = []
    /// PEM of the authorities that the user brings.
    var ownCertificates: [UInt8]?

    /// What was read of the user's files before a base is asked for.
    private struct Parts {
        let names: [Reference]
        let configuration: ConfigurationPlan
        let runtime: RuntimeOptions?
        let additions: [LayerEntry]
        let application: Application?
        /// One for each variant of the application, in their order.
        let needs: [ApplicationNeeds]
    }

    /// What an image stands on, and the layers that all images have that stand on it.
    private struct Ground {
        let base: Base?
        let stack: LayerStack
    }

    package init(_ request: BuildRequest) { self.request = request }

    /// Plans images that are made from nothing.
    ///
    /// - Throws: everything that is wrong with the request, at once.
    package static func plan(_ request: BuildRequest) throws(DiagnosticList) -> BuildPlan {
        precondition(request.base == nil, "a base is read through an access to images")
        var planner = Planner(request)
        let parts = planner.parts()
        let plan = planner.plan(parts, bases: [:])
        return try planner.checked(plan)
    }

    /// Plans images, on a base if the request names one.
    ///
    /// - Throws: everything that is wrong with the request, at once.
    package static func plan(
        _ request: BuildRequest,
        _ access: ImageAccess,
        walked tree: DirectoryTree? = nil,
        sharing share: PlanShare? = nil
    ) async throws(DiagnosticList) -> BuildPlan {
        var planner = Planner(request)
        planner.tree = tree
        planner.share = share
        planner.choosesBase = request.choosesBase && request.base == nil
        let parts = planner.parts()
        guard let location = planner.request.base else {
            let plan = planner.plan(parts, bases: [:])
            return try planner.checked(plan)
        }
        // Without an application it is not known for which platform.
        let platforms = parts.application?.variants.map(\.platform) ?? []
        var bases: [Platform: Result<(base: Base, files: BaseFiles), Diagnostic>] = [:]
        if !platforms.isEmpty {
            do throws(Diagnostic) {
                bases =
                    if let share {
                        try await share.read(location, for: platforms, access)
                    } else {
                        try await BaseReader(location, access.provider(for: location, on: platforms), access)
                            .read(for: platforms)
                    }
            } catch {
                planner.problems.add(error)
            }
        }
        let plan = planner.plan(parts, bases: bases)
        return try planner.checked(plan)
    }

    private func checked(_ plan: BuildPlan?) throws(DiagnosticList) -> BuildPlan {
        try problems.check()
        guard let plan else { preconditionFailure("no plan, and no problem with it") }
        return plan
    }

    private mutating func parts() -> Parts {
        let names = checkedNames()
        checkCompressionLevel()
        // The application may choose the base, which has a say in the configuration; its problems are reported last.
        let before = problems
        problems = Problems()
        let runtime = runtimeOptions()
        let additions = additions()
        let application = readApplication()
        let others = problems
        problems = before
        let configuration = ConfigurationPlan(request.configuration, isOnBase: request.base != nil, &problems)
        problems.add(others)
        let needs = needs(of: application, additions)
        return Parts(
            names: names,
            configuration: configuration,
            runtime: runtimeOptions(runtime, for: needs),
            additions: additions,
            application: application,
            needs: needs
        )
    }

    private mutating func plan(
        _ parts: Parts,
        bases: [Platform: Result<(base: Base, files: BaseFiles), Diagnostic>]
    ) -> BuildPlan? {
        // By the manifest's digest; nil is `scratch`.
        var grounds: [Digest?: Ground] = [:]
        if request.base == nil { grounds[nil] = ground(parts, nil) }
        guard let application = parts.application else { return nil }
        let created = created(for: application)
        var images = [BuildPlan.Image]()
        var layers = [PlannedLayer]()
        for (variant, needs) in zip(application.variants, parts.needs) {
            var digest: Digest?
            if request.base != nil {
                switch bases[variant.platform] {
                case .success(let found)?:
                    digest = found.base.manifest.digest
                    if grounds[digest] == nil { grounds[digest] = ground(parts, found) }
                case .failure(let error)?:
                    problems.add(error)
                    continue
                // The reason why there is none was reported.
                case nil: continue
                }
            }
            guard let ground = grounds[digest] else { continue }
            images += image(variant, needs, on: ground, parts, created.time, &layers).map { [$0] } ?? []
        }
        guard problems.isEmpty else { return nil }
        return BuildPlan(
            output: request.output(named: application.name),
            isPushed: request.isPushed,
            names: parts.names,
            layers: layers,
            images: images,
            baseLocation: request.base,
            annotations: request.annotations,
            created: created.time,
            createdSource: created.source,
            notes: notes
        )
    }

    /// The layers below the application's.
    private mutating func ground(_ parts: Parts, _ found: (base: Base, files: BaseFiles)?) -> Ground {
        var stack = LayerStack(on: found?.files)
        if let runtime = parts.runtime { addRuntime(runtime, to: &stack, on: found?.base) }
        add(parts.additions, to: &stack)
        if let base = found?.base { noteOddities(of: base) }
        return Ground(base: found?.base, stack: stack)
    }

    /// Nil if something is wrong with it. Its layers are added to `layers`, unless another image has the same.
    private mutating func image(
        _ variant: Application.Variant,
        _ needs: ApplicationNeeds,
        on ground: Ground,
        _ parts: Parts,
        _ created: Timestamp,
        _ layers: inout [PlannedLayer]
    ) -> BuildPlan.Image? {
        let configuration = parts.configuration
        var stack = ground.stack
        let problemCount = problems.count
        add(variant, to: &stack, on: ground.base)
        // What follows from a layer that is not whole is no other mistake.
        guard problems.count == problemCount else { return nil }
        addLibraryCache(for: variant.platform, to: &stack)
        noteDangling(in: stack)
        let workingDirectory = configuration.workingDirectory(
            variant.workingDirectory,
            over: ground.base?.config.config
        )
        let config = problems.collect { () throws(Diagnostic) in
            try configuration.config(
                ConfigurationPlan.Surroundings(
                    entrypoint: request.configuration.entrypoint ?? variant.words(on: ground.base),
                    workingDirectory: variant.workingDirectory,
                    hasCertificates: stack.resolve(EntryPath(unchecked: Array(Certificates.path.utf8))) != nil,
                    platform: variant.platform,
                    created: created,
                    base: ground.base?.config,
                    accounts: stack.baseAccounts,
                    environment: variant.recognized?.environment ?? [],
                    ports: variant.recognized?.ports ?? []
                )
            )
        }
        guard let config else { return nil }
        guard
            checkEntrypoint(
                config.config,
                known: variant.programs,
                EntrypointCheck(stack: stack, workingDirectory: workingDirectory, searchPath: config.config.path)
            )
        else { return nil }
        let checked = gate(stack, needs, config.config, variant.platform, on: ground.base)
        guard problems.count == problemCount else { return nil }
        notes += stack.notes.filter { note in !notes.contains { $0.summary == note.summary } }
        if let base = ground.base { noteDecisions(config, on: base, layerCount: stack.blueprints.count) }
        return BuildPlan.Image(
            platform: variant.platform,
            evidence: variant.evidence,
            base: ground.base,
            layers: stack.blueprints.map { blueprint in
                let planned = PlannedLayer(blueprint: blueprint, compression: compression(of: blueprint.kind))
                if let known = layers.firstIndex(of: planned) { return known }
                layers.append(planned)
                return layers.count - 1
            },
            config: config,
            annotations: annotations(on: ground.base).merging(checked.annotations) { $1 },
            findings: checked.findings,
            needs: needs,
            runtime: RuntimeReport(parts.runtime, needs, in: stack),
            policy: policy(stack, config.config)
        )
    }

    /// What the base is stands in the manifest, below what the user says.
    private func annotations(on base: Base?) -> [String: String] {
        guard let base else { return request.annotations }
        var annotations = [AnnotationKey.baseDigest: base.manifest.digest.description]
        annotations[AnnotationKey.baseName] = base.reference
        return annotations.merging(request.annotations) { $1 }
    }

    // MARK: Names and outputs

    private mutating func checkedNames() -> [Reference] {
        var names = [Reference]()
        for name in request.names {
            if name.digest != nil {
                problems.add(
                    Diagnostic(
                        .planNameWithDigest,
                        "`\(name.text)` cannot be the name of a new image",
                        at: .option("--tag"),
                        because: "it has a digest, and the image's digest is known only when it is built",
                        hint: "leave out what begins with `@`"
                    )
                )
            } else if !names.contains(where: { $0.normalized == name.normalized }) {
                names.append(name)
            }
        }
        return names
    }

    // MARK: Layers

    private mutating func checkCompressionLevel() {
        let levels = LayerCompression.levels
        guard let level = request.compressionLevel, !levels.contains(level) else { return }
        let reason = "levels go from \(levels.lowerBound) to \(levels.upperBound)"
        problems.add(
            .optionMalformed(.configurationMalformed, "--compression-level", "\(level)", because: reason, example: "9")
        )
    }

    /// The runtime layer is the same for every image of the same coracle, so that registries and nodes store it once:
    /// the level that the user chose is for the user's own files.
    private func compression(of kind: LayerBlueprint.Kind) -> LayerCompression {
        if kind.isReplaceable { return .shared }
        return request.compressionLevel.map { LayerCompression(level: $0) } ?? LayerCompression()
    }

    private mutating func noteDangling(in stack: LayerStack) {
        let dangling = stack.danglingSymlinks
        guard let first = dangling.first, case .symlink(let target) = first.content else { return }
        let rest = dangling.count > 1 ? ", and \(dangling.count - 1) more" : ""
        let note = Diagnostic(
            .planDanglingSymlink,
            "a symlink leads to nothing in the image: `\(first.path)`\(rest)",
            because: "there is no `\(String(printing: target))` there"
        )
        if !notes.contains(where: { $0.summary == note.summary }) { notes.append(note) }
    }

    // MARK: What starts, and when it was made

    /// Whether the entry point is there and can be started.
    private mutating func checkEntrypoint(
        _ execution: ImageConfig.Execution,
        known programs: [EntryPath: Program],
        _ check: EntrypointCheck
    ) -> Bool {
        guard let first = execution.entrypoint?.first, !first.isEmpty else {
            problems.add(
                Diagnostic(
                    .planEntrypoint,
                    "the entry point is empty",
                    at: .option("--entrypoint"),
                    hint: "name the program that the container starts"
                )
            )
            return false
        }
        let isFine: Void? = problems.collect { () throws(Diagnostic) in try check.check(first, known: programs) }
        return isFine != nil
    }

    private func created(for application: Application) -> (time: Timestamp, source: String) {
        if case .at(let time, let source) = request.created { return (time, source) }
        let commits = application.variants.flatMap(\.programs.values).compactMap { program -> (Timestamp, String)? in
            guard let text = program.goBuildInfo?.commitTime, let time = try? Timestamp(parsing: text) else {
                return nil
            }
            return (time, "the commit time in `\(program.typed.display)`, vcs.time")
        }
        let epoch = (Timestamp(secondsSince1970: 0), "no SOURCE_DATE_EPOCH, and no commit time in the program")
        return commits.max { $0.0 < $1.0 } ?? epoch
    }
}

extension Diagnostic.Code {
    static let planNameWithDigest = Self("plan.name-with-digest", .usage)
    static let planDanglingSymlink = Self("plan.dangling-symlink", .input)
    static let planEntrypoint = Self("plan.entrypoint", .usage)
}
