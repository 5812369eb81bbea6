import ByteIO
import Diagnostics
import Images
import Request
import Store

/// What the images of a batch are built with.
struct BatchWorker: Sendable {
    let builder: Builder
    let shared: SharedLayers
    let keepsGoing: Bool
    let detail: BuiltImage.Detail
    let observe: @Sendable (BatchBuilder.Event) -> Void

    func build(
        _ image: PlannedImage,
        _ name: String,
        at position: Int,
        _ place: BatchPlace
    ) async throws(Diagnostic) -> BuiltImage {
        let built: BuiltImage
        do throws(Diagnostic) {
            try checkCancellation()
            let target = try place.open()
            switch image {
            case .job(let job): built = try await make(job, name, at: position, target)
            case .recalled(let build, let item, let survey):
                let published = try await builder.publish(build, item.request, item.statements) {
                    images async throws(Diagnostic) in try await target?.add(images, at: position)
                }
                if let published {
                    built = BuiltImage(name, published, detail)
                } else {
                    built = try await make(try await plan(item, survey), name, at: position, target)
                }
            }
        } catch {
            // The others of a layout do not wait for this one any more.
            if keepsGoing, let written = try? place.finish(.failed) { observe(written) }
            throw error
        }
        observe(.built(position: position, built))
        if let written = try place.finish(.built) { observe(written) }
        return built
    }

    private func make(
        _ job: BuildJob,
        _ name: String,
        at position: Int,
        _ target: BatchPlace.Target?
    ) async throws(Diagnostic) -> BuiltImage {
        let place = target?.draftDirectory ?? builder.access.settings.temporaryDirectory
        let report = try await builder.build(job, draftsIn: place, sharing: shared) {
            images async throws(Diagnostic) in
            try await target?.add(images, at: position)
        }
        return BuiltImage(name, report, detail)
    }

    /// Plans what was to be recalled, and is not there any more.
    private func plan(_ item: BatchItem, _ survey: InputSurvey) async throws(Diagnostic) -> BuildJob {
        do throws(DiagnosticList) {
            var job = try await builder.plan(item.request, survey)
            job.statements = item.statements
            return job
        } catch {
            throw error.items[0]
        }
    }
}
