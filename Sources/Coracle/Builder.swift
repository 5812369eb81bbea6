import ByteIO
public import Diagnostics
import Layers
import OCI
import Store

/// Plans images and builds them: the whole of `coracle build` without its command line.
public struct Builder: Sendable {
    private let cores: Int
    private let access: ImageAccess

    /// - Parameters:
    ///   - cores: how many blocks to compress at a time. It changes how long a build takes, and no byte of it.
    ///   - access: the way to bases, and to the registries that images are pushed to.
    public init(cores: Int, access: ImageAccess = ImageAccess(RegistrySettings(environment: [:]))) {
        self.cores = cores
        self.access = access
    }

    /// Decides everything and writes nothing but the cache.
    ///
    /// - Throws: all that is wrong with the request, at once.
    public func plan(_ request: BuildRequest) async throws(DiagnosticList) -> BuildPlan {
        var plan = try await Planner.plan(request, access)
        guard request.hasDebugTwin else { return plan }
        do throws(Diagnostic) {
            plan.debugTwin = try await DebugTwin(of: plan, access)
        } catch {
            throw DiagnosticList(error)
        }
        return plan
    }

    /// Builds the images and puts them where the plan says, in one step at the end; what is pushed, after that.
    ///
    /// - Throws: `layer.file-changed` if a file is no longer the one that was planned with, `output.exists`, `io.failed`;
    ///   `size.over-budget`;
    ///   `blob.…` for a base that changed; `registry.…`.
    public func build(_ plan: BuildPlan) async throws(Diagnostic) -> BuildReport {
        let images = try await assembleAndPublish(plan)
        if plan.isPushed { try await access.push(images.set, to: plan.names) }
        return BuildReport(plan, images)
    }

    private func assembleAndPublish(_ plan: BuildPlan) async throws(Diagnostic) -> AssembledImages {
        switch plan.output {
        case .layout(let path):
            let destination = try LayoutDestination(path)
            let images = try await assemble(plan, draftsIn: destination.draftDirectory)
            try await destination.publish(images.set)
            return images
        case .archive(let path):
            let destination = try ArchiveDestination(path)
            let images = try await assemble(plan, draftsIn: destination.draftDirectory)
            try await destination.publish(images.set)
            return images
        case nil: return try await assemble(plan, draftsIn: access.settings.temporaryDirectory)
        }
    }

    private func assemble(
        _ plan: BuildPlan,
        draftsIn directory: FilePath
    ) async throws(Diagnostic) -> AssembledImages {
        let assembler = Assembler(draftDirectory: directory, cores: cores, memory: try memory(for: plan))
        let images = try await assembler.assemble(plan)
        try plan.checkSize(of: images.images)
        return images
    }

    /// What earlier builds have kept; nil where nothing of it is to be used, or there is no place for it.
    private func memory(for plan: BuildPlan) throws(Diagnostic) -> LayerMemory? {
        guard plan.startedAt != nil, access.settings.cachePlace != nil, let cache = try access.cache() else { return nil }
        let trust = StampTrust(startedAt: plan.startedAt)
        return LayerMemory(cache: cache, trust: trust, isReadingAll: plan.isReadingAll)
    }
}
