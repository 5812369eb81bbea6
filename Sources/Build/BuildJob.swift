package import Diagnostics
package import Images
package import Plan
package import Request

/// A plan, and what carrying it out needs besides: an earlier build's traces, and where they are kept.
package struct BuildJob: Sendable {
    package let plan: BuildPlan
    /// The same images with a shell; `nil` if the request does not ask for them.
    let debugTwin: DebugTwin?
    /// Where layers may be taken from that were made before.
    let reuse: ReuseOptions
    /// Under what the build is kept, to be found again; `nil` to keep nothing of it as a whole.
    let key: InputSurvey.Key?
    /// When the files began to be looked at, in seconds since 1970; `nil` if nothing of them is to be kept.
    let startedAt: Int64?
    /// Whether files are read even if they look unchanged since an earlier build read them.
    let isReadingAll: Bool
    /// What is said about the images; `nil` if nothing is.
    package var statements: (any BuildStatements)?

    package init(
        _ plan: BuildPlan,
        for request: BuildRequest,
        _ survey: InputSurvey?,
        _ access: ImageAccess
    ) async throws(Diagnostic) {
        self.plan = plan
        reuse = request.reuse
        key = survey?.key
        startedAt = request.startedAt
        isReadingAll = request.readsAllFiles
        debugTwin = request.hasDebugTwin ? try await DebugTwin(of: plan, access) : nil
    }
}
