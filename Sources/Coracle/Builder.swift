import ByteIO
public import Diagnostics
import Layers
import OCI
import Store

/// Plans images and builds them: the whole of `coracle build` without its command line.
public struct Builder: Sendable {
    let cores: Int
    let access: ImageAccess

    /// - Parameters:
    ///   - cores: how many blocks to compress at a time. It changes how long a build takes, and no byte of it.
    ///   - access: the way to bases, and to the registries that images are pushed to.
    public init(cores: Int, access: ImageAccess = ImageAccess(RegistrySettings(environment: [:]))) {
        self.cores = cores
        self.access = access
    }

    /// Decides everything and writes nothing but the cache.
    ///
    /// - Parameter survey: what `survey` found, so that the build can be recalled; nil to plan without.
    /// - Throws: all that is wrong with the request, at once.
    public func plan(
        _ request: BuildRequest,
        _ survey: InputSurvey? = nil
    ) async throws(DiagnosticList) -> BuildPlan {
        try await plan(request, survey, sharing: nil)
    }

    /// The same for one image of many.
    func plan(
        _ request: BuildRequest,
        _ survey: InputSurvey?,
        sharing share: PlanShare?
    ) async throws(DiagnosticList) -> BuildPlan {
        var request = request
        do throws(Diagnostic) {
            if request.split.rule == .auto, let previous = request.reuse.previous {
                request.split.kept = try await access.steps(of: previous)
            }
        } catch {
            throw DiagnosticList(error)
        }
        var plan = try await Planner.plan(request, access, survey, sharing: share)
        plan.reuse = request.reuse
        guard request.hasDebugTwin else { return plan }
        do throws(Diagnostic) {
            plan.debugTwin = try await DebugTwin(of: plan, access)
        } catch {
            throw DiagnosticList(error)
        }
        return plan
    }

    /// What of `plan` is new to whoever has the images that it may take layers from; nil where there are none to ask.
    ///
    /// - Throws: `layer.file-changed`.
    public func nextPush(_ plan: BuildPlan) async throws(Diagnostic) -> NextPush? {
        let locations = plan.reusableImages
        guard !locations.isEmpty else { return nil }
        let images = await access.earlierBuilds(at: locations, for: plan).images
        return try await NextPush(plan, comparedWith: images, access, cores: cores)
    }

    /// Builds the images and puts them where the plan says, in one step at the end; what is pushed, after that.
    ///
    /// - Throws: `layer.file-changed` if a file is no longer the one that was planned with, `output.exists`, `io.failed`;
    ///   `size.over-budget`;
    ///   `blob.…` for a base that changed; `registry.…`.
    public func build(_ plan: BuildPlan) async throws(Diagnostic) -> BuildReport {
        let directory = try draftDirectory(for: plan.output)
        return try await build(plan, draftsIn: directory, sharing: nil) { images async throws(Diagnostic) in
            try await publish(images, to: plan.output)
        }
    }

    /// The same for one image of many.
    ///
    /// - Parameters:
    ///   - directory: where drafts are written until they are published.
    ///   - shared: layers that are written already.
    ///   - publish: puts the images where they stay on this machine.
    func build(
        _ plan: BuildPlan,
        draftsIn directory: FilePath,
        sharing shared: SharedLayers?,
        _ publish: (ImageSet) async throws(Diagnostic) -> Void
    ) async throws(Diagnostic) -> BuildReport {
        var assembler = try assembler(plan, draftsIn: directory)
        assembler.shared = shared
        let images = try await assembler.assemble(plan)
        try plan.checkSize(of: images.images)
        try await publish(images.set)
        if plan.isPushed { try await access.push(images.set, to: plan.names) }
        await keepRecords(of: images, plan)
        let report = BuildReport(plan, images)
        try await keep(report)
        return report
    }

    private func draftDirectory(for output: BuildRequest.Output?) throws(Diagnostic) -> FilePath {
        switch output {
        case .layout(let path): try LayoutDestination(path).draftDirectory
        case .archive(let path): try ArchiveDestination(path).draftDirectory
        case nil: access.settings.temporaryDirectory
        }
    }

    /// Puts finished images into a layout or an archive; nowhere if there is none.
    func publish(_ images: ImageSet, to output: BuildRequest.Output?) async throws(Diagnostic) {
        switch output {
        case .layout(let path): try await LayoutDestination(path).publish(images)
        case .archive(let path): try await ArchiveDestination(path).publish(images)
        case nil: break
        }
    }

    func assembler(_ plan: BuildPlan, draftsIn directory: FilePath) throws(Diagnostic) -> Assembler {
        var assembler = Assembler(
            draftDirectory: directory,
            cores: cores,
            memory: try memory(plan.startedAt, isReadingAll: plan.isReadingAll)
        )
        assembler.reuse = try reuse(for: plan)
        return assembler
    }

    /// What earlier builds have kept; nil where nothing of it is to be used, or there is no place for it.
    func memory(_ startedAt: Int64?, isReadingAll: Bool = false) throws(Diagnostic) -> LayerMemory? {
        guard startedAt != nil, access.settings.cachePlace != nil, let cache = try access.cache() else { return nil }
        return LayerMemory(cache: cache, trust: StampTrust(startedAt: startedAt), isReadingAll: isReadingAll)
    }

    /// Nil where no image is to be asked.
    private func reuse(for plan: BuildPlan) throws(Diagnostic) -> LayerReuse? {
        let locations = plan.reusableImages
        guard !locations.isEmpty else { return nil }
        let earlier = EarlierBuildsReader { [access] in await access.earlierBuilds(at: locations, for: plan) }
        return LayerReuse(earlier: earlier, cache: try access.cache(), cores: cores, note: access.note)
    }
}
