import ByteIO
package import Diagnostics
import Store
import Synchronization

/// Builds many images in one process: plans all of them first, writes what they share once, and builds a few at a time.
package struct BatchBuilder: Sendable {
    /// What becomes known while images are built.
    package enum Event: Sendable {
        /// The image at this place is whole.
        case built(position: Int, BuiltImage)
        /// The image at this place will not be.
        case failed(position: Int)
        /// The layout at `path` has so many of them.
        case wrote(path: String, count: Int)
    }

    /// More at a time would take more memory, and no less time.
    private static let mostAtATime = 8
    /// Whoever waits for a registry needs no core.
    private static let pushesAtATime = 4

    private let cores: Int
    private let access: ImageAccess
    /// Whether the other images are built where one fails.
    private let keepsGoing: Bool

    /// - Parameter cores: how much is done at the same time, for all images together.
    package init(cores: Int, access: ImageAccess, keepsGoing: Bool) {
        self.cores = max(1, cores)
        self.access = access
        self.keepsGoing = keepsGoing
    }

    // MARK: Planning

    /// Plans every one of `items`, and writes nothing but the cache. The results are in their order.
    package func plan(_ items: [BatchItem]) async -> [Result<BuildPlan, DiagnosticList>] {
        let (builder, share) = (Builder(cores: cores, access: access), PlanShare())
        do throws(Diagnostic) {
            return try await concurrently(items, atMost: cores) { item async throws(Diagnostic) in
                await Self.plan(item, builder, share)
            }
        } catch {
            preconditionFailure("planning that throws nothing has failed: \(error.summary)")
        }
    }

    private static func plan(
        _ item: BatchItem,
        _ builder: Builder,
        _ share: PlanShare
    ) async -> Result<BuildPlan, DiagnosticList> {
        do throws(DiagnosticList) {
            let plan = try await builder.plan(item.request, sharing: share)
            if let problems = DiagnosticList(item.problems) { return .failure(problems) }
            return .success(plan)
        } catch {
            return .failure(error.behind(item.problems))
        }
    }

    // MARK: Building

    /// One image on its way.
    private struct Job: Sendable {
        let position: Int
        let name: String
        let plan: BuildPlan
        let place: BatchPlace
    }

    /// Builds the images and puts them where their plans say. A layout appears, or changes, when all of its images are
    /// built, and in one step.
    ///
    /// - Parameters:
    ///   - plans: with their names, in the order that they are reported in.
    ///   - observe: is told of each image, from any thread.
    /// - Returns: what became of each.
    /// - Throws: the first problem, if it is not to be gone on then.
    package func build(
        _ plans: [(name: String, plan: BuildPlan)],
        observe: @escaping @Sendable (Event) -> Void
    ) async throws(DiagnosticList) -> [Result<BuiltImage, DiagnosticList>] {
        let (cores, access, keepsGoing) = (cores, access, keepsGoing)
        let places = BatchPlace.places(of: plans.map(\.plan))
        let drafts = places.map { $0.draftDirectory ?? access.settings.temporaryDirectory }
        let shared = await SharedLayers(of: plans.map(\.plan), draftsIn: drafts) { place in
            Assembler(draftDirectory: place, cores: cores)
        }
        let jobs = plans.indices.map { index in
            Job(position: index, name: plans[index].name, plan: plans[index].plan, place: places[index])
        }
        let width = min(max(cores, plans.contains { $0.plan.isPushed } ? Self.pushesAtATime : 1), Self.mostAtATime)
        let worker = BatchWorker(
            cores: max(1, cores / width),
            access: access,
            shared: shared,
            keepsGoing: keepsGoing,
            observe: observe
        )
        let outcomes: [Result<BuiltImage, DiagnosticList>]
        do throws(Diagnostic) {
            outcomes = try await concurrently(jobs, atMost: width) { job async throws(Diagnostic) in
                do throws(Diagnostic) {
                    return .success(try await worker.build(job.plan, job.name, at: job.position, job.place))
                } catch {
                    guard keepsGoing else { throw error.of(images: [job.name]) }
                    observe(.failed(position: job.position))
                    return .failure(DiagnosticList(error))
                }
            }
        } catch {
            throw DiagnosticList(error)
        }
        // Where a layout could not be written, none of its images is anywhere.
        return zip(outcomes, places).map { outcome, place in
            guard case .success = outcome, let problem = place.failure else { return outcome }
            return .failure(DiagnosticList(problem))
        }
    }
}

/// What the images of a batch are built with.
struct BatchWorker: Sendable {
    let cores: Int
    let access: ImageAccess
    let shared: SharedLayers
    let keepsGoing: Bool
    let observe: @Sendable (BatchBuilder.Event) -> Void

    func build(
        _ plan: BuildPlan,
        _ name: String,
        at position: Int,
        _ place: BatchPlace
    ) async throws(Diagnostic) -> BuiltImage {
        let image: BuiltImage
        do throws(Diagnostic) {
            image = try await assemble(plan, name, at: position, place)
        } catch {
            // The others of a layout do not wait for this one any more.
            if keepsGoing, let written = try? place.finish(isBuilt: false) { observe(written) }
            throw error
        }
        observe(.built(position: position, image))
        if let written = try place.finish(isBuilt: true) { observe(written) }
        return image
    }

    private func assemble(
        _ plan: BuildPlan,
        _ name: String,
        at position: Int,
        _ place: BatchPlace
    ) async throws(Diagnostic) -> BuiltImage {
        guard !Task.isCancelled else { throw Diagnostic(.batchStopped, "the image was given up") }
        let target = try place.open()
        var assembler = Assembler(
            draftDirectory: target?.draftDirectory ?? access.settings.temporaryDirectory,
            cores: cores
        )
        assembler.shared = shared
        let images = try await assembler.assemble(plan)
        try plan.checkSize(of: images.images)
        if plan.isPushed { try await access.push(images.set, to: plan.names) }
        try await target?.add(images.set, at: position)
        return BuiltImage(name, BuildReport(plan, images))
    }
}

extension DiagnosticList {
    /// `problems`, and of these those that say something else.
    package func behind(_ problems: [Diagnostic]) -> DiagnosticList {
        guard let first = problems.first else { return self }
        // What was not understood is reported once, and what follows from that only as far as it is another thing.
        let others = items.filter { item in !problems.contains { $0.summary == item.summary } }
        return DiagnosticList(first, problems.dropFirst() + others)
    }
}

extension Diagnostic.Code {
    static let batchStopped = Self("batch.stopped", .bug)
}
