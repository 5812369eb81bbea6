import ByteIO
public import Diagnostics
import OCI
import Store

/// Plans images and builds them: the whole of `coracle build` without its command line.
public struct Builder: Sendable {
    private let cores: Int

    /// - Parameter cores: how many blocks to compress at a time. It changes how long a build takes, and no byte of it.
    public init(cores: Int) { self.cores = cores }

    /// Decides everything and writes nothing.
    ///
    /// - Throws: all that is wrong with the request, at once.
    public func plan(_ request: BuildRequest) throws(DiagnosticList) -> BuildPlan { try Planner.plan(request) }

    /// Builds the images and puts them where the plan says, in one step at the end.
    ///
    /// - Throws: `layer.file-changed` if a file is no longer the one that was planned with, `output.exists`, `io.failed`.
    public func build(_ plan: BuildPlan) async throws(Diagnostic) -> BuildReport {
        switch plan.output {
        case .layout(let path):
            let destination = try LayoutDestination(path)
            let images = try await assemble(plan, draftsIn: destination.draftDirectory)
            try destination.publish(images.set)
            return BuildReport(plan, images)
        case .archive(let path):
            let destination = try ArchiveDestination(path)
            let images = try await assemble(plan, draftsIn: destination.draftDirectory)
            try destination.publish(images.set)
            return BuildReport(plan, images)
        }
    }

    private func assemble(
        _ plan: BuildPlan,
        draftsIn directory: FilePath
    ) async throws(Diagnostic) -> AssembledImages {
        try await Assembler(draftDirectory: directory, cores: cores).assemble(plan)
    }
}
