package import ByteIO
package import Diagnostics
package import Images
import Layers
import OCI
package import Plan
package import Request
package import Store

/// Plans images and builds them: the whole of `coracle build` without its command line.
package struct Builder: Sendable {
    package let cores: Int
    package let access: ImageAccess
    /// Gets the images of requests that are loaded, behind all other places.
    package var receiver: (any ImageReceiver)?

    /// - Parameters:
    ///   - cores: how many blocks to compress at a time. It changes how long a build takes, and no byte of it.
    ///   - access: the way to bases, and to the registries that images are pushed to.
    package init(cores: Int, access: ImageAccess = ImageAccess(RegistrySettings(environment: [:]))) {
        self.cores = cores
        self.access = access
    }

    /// Decides everything and writes nothing but the cache.
    ///
    /// - Parameter survey: what `survey` found, so that the build can be recalled; `nil` to plan without.
    /// - Throws: all that is wrong with the request, at once.
    package func plan(
        _ request: BuildRequest,
        _ survey: InputSurvey? = nil
    ) async throws(DiagnosticList) -> BuildJob {
        try await plan(request, survey, sharing: nil)
    }

    /// The same for one image of many.
    package func plan(
        _ request: BuildRequest,
        _ survey: InputSurvey?,
        sharing share: PlanShare?
    ) async throws(DiagnosticList) -> BuildJob {
        var steps = [String]()
        do throws(Diagnostic) {
            if request.split.rule == .auto, let previous = request.reuse.previous {
                steps = try await access.steps(of: previous)
            }
        } catch {
            throw DiagnosticList(error)
        }
        let plan = try await Planner.plan(request, access, walked: survey?.tree, after: steps, sharing: share)
        do throws(Diagnostic) {
            return try await BuildJob(plan, for: request, survey, access)
        } catch {
            throw DiagnosticList(error)
        }
    }

    /// The part of `job` that the images from which it may reuse layers do not have; `nil` if there are no such images.
    ///
    /// - Throws: `layer.file-changed`.
    package func nextPush(_ job: BuildJob) async throws(Diagnostic) -> NextPush? {
        let locations = job.reusableImages
        guard !locations.isEmpty else { return nil }
        let images = await access.earlierBuilds(at: locations, for: job).images
        return try await NextPush(job.plan, comparedWith: images, access, cores: cores)
    }

    /// Builds the images and puts them where the plan says, in one step at the end; what is pushed, after that.
    ///
    /// - Throws: `layer.file-changed` if a file is no longer the one that was planned with, `output.exists`, `io.failed`;
    ///   `size.over-budget`;
    ///   `blob.…` for a base that changed; `registry.…`.
    package func build(_ job: BuildJob) async throws(Diagnostic) -> BuildReport {
        let directory = try draftDirectory(for: job.plan.output)
        return try await build(job, draftsIn: directory, sharing: nil) { images async throws(Diagnostic) in
            try await publish(images, to: job.plan.output)
        }
    }

    /// The same for one image of many. What is said about the images comes last: where it fails, they are in place.
    ///
    /// - Parameters:
    ///   - directory: where drafts are written until they are published.
    ///   - shared: layers that are written already.
    ///   - publish: puts the images, and what stands beside them, where they stay on this machine.
    package func build(
        _ job: BuildJob,
        draftsIn directory: FilePath,
        sharing shared: SharedLayers?,
        _ publish: (ImageSet) async throws(Diagnostic) -> Void
    ) async throws(Diagnostic) -> BuildReport {
        var assembler = try assembler(job, draftsIn: directory)
        assembler.shared = shared
        let images = try await assembler.assemble(job.plan, job.debugTwin)
        // Copying into the cache takes a core, and publishing waits for the disk: both at the same time.
        async let stored = store(images.written, of: job)
        try images.checkSizes(job.plan)
        let accompanied = try await job.statements?.accompanied(images.set, knowing: images.files)
        try await publish(accompanied ?? images.set)
        if job.plan.isPushed { try await access.push(images.set, to: job.plan.names) }
        if job.plan.isLoaded { try await receiver?.receive(images.set) }
        try await stored.get()
        await keepRecords(of: images, job)
        var report = BuildReport(job.plan, images, job.reuse.explains ? .provenance : .plain)
        try await keep(report, job)
        report.statements = try await job.statements?.state(about: images.set, report) ?? []
        return report
    }

    private func draftDirectory(for output: BuildRequest.Output?) throws(Diagnostic) -> FilePath {
        switch output {
        case .layout(let path): try LayoutDestination(path).draftDirectory
        case .archive(let path), .stream(let path): try ArchiveDestination(path).draftDirectory
        case nil: access.settings.temporaryDirectory
        }
    }

    /// Puts finished images into a layout or an archive; nowhere if there is none.
    package func publish(_ images: ImageSet, to output: BuildRequest.Output?) async throws(Diagnostic) {
        switch output {
        case .layout(let path): try await LayoutDestination(path).publish(images)
        case .archive(let path), .stream(let path): try await ArchiveDestination(path).publish(images)
        case nil: break
        }
    }

    func assembler(_ job: BuildJob, draftsIn directory: FilePath) throws(Diagnostic) -> Assembler {
        var assembler = Assembler(
            draftDirectory: directory,
            cores: cores,
            memory: try memory(job.startedAt, isReadingAll: job.isReadingAll)
        )
        assembler.layout = job.plan.output?.layout
        assembler.takesDigests = job.statements?.takesDigests ?? false
        assembler.reuse = try reuse(for: job)
        return assembler
    }

    /// What earlier builds have cached; `nil` if it is not to be used, or there is no place for it.
    func memory(_ startedAt: Int64?, isReadingAll: Bool = false) throws(Diagnostic) -> LayerCache? {
        guard startedAt != nil, access.settings.cachePlace != nil, let cache = try access.cache() else { return nil }
        return LayerCache(cache: cache, trust: StampTrust(startedAt: startedAt), isReadingAll: isReadingAll)
    }

    /// `nil` if no image is to be asked.
    private func reuse(for job: BuildJob) throws(Diagnostic) -> LayerReuse? {
        let locations = job.reusableImages
        guard !locations.isEmpty else { return nil }
        let earlier = EarlierBuildsReader { [access] in await access.earlierBuilds(at: locations, for: job) }
        return LayerReuse(earlier: earlier, cache: try access.cache(), cores: cores, note: access.note)
    }
}
