import ByteIO
package import Diagnostics
package import Images
import Plan
package import Store

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
    /// A task that waits for a registry needs no core.
    private static let pushesAtATime = 4

    private let cores: Int
    private let access: ImageAccess
    /// Whether the other images are built where one fails.
    private let keepsGoing: Bool
    private let detail: BuiltImage.Detail
    /// Gets the images of requests that are loaded.
    package var receiver: (any ImageReceiver)?

    /// - Parameter cores: how much is done at the same time, for all images together.
    package init(cores: Int, access: ImageAccess, keepsGoing: Bool, detail: BuiltImage.Detail) {
        self.cores = max(1, cores)
        self.access = access
        self.keepsGoing = keepsGoing
        self.detail = detail
    }

    // MARK: Planning

    /// Whether images that were built before are planned.
    package enum Recall: Sendable {
        /// All images are planned.
        case nothing
        /// What was built before is taken from there.
        case earlierBuilds
    }

    /// Plans every one of `items`, and writes nothing but the cache. The results are in their order.
    package func plan(_ items: [BatchItem], _ recall: Recall) async -> [Result<PlannedImage, DiagnosticList>] {
        let (builder, share) = (Builder(cores: cores, access: access), PlanShare())
        do throws(Diagnostic) {
            return try await concurrently(items, atMost: cores) { item async throws(Diagnostic) in
                await Self.plan(item, builder, share, recall)
            }
        } catch {
            preconditionFailure("planning that throws nothing has failed: \(error.summary)")
        }
    }

    private static func plan(
        _ item: BatchItem,
        _ builder: Builder,
        _ share: PlanShare,
        _ recall: Recall
    ) async -> Result<PlannedImage, DiagnosticList> {
        do throws(DiagnosticList) {
            var survey: InputSurvey?
            do throws(Diagnostic) {
                survey = item.problems.isEmpty ? try builder.survey(item.request) : nil
                if recall == .earlierBuilds, !(item.statements?.needsPlan ?? false), let survey,
                    let build = try await builder.recall(survey, item.request, sharing: share)
                {
                    return .success(.recalled(build, item, survey))
                }
            } catch {
                throw DiagnosticList(error)
            }
            var job = try await builder.plan(item.request, survey, sharing: share)
            job.statements = item.statements
            if let problems = DiagnosticList(item.problems) { return .failure(problems) }
            return .success(.job(job))
        } catch {
            return .failure(error.behind(item.problems))
        }
    }

    // MARK: Building

    /// One image on its way.
    private struct Job: Sendable {
        let position: Int
        let name: String
        let image: PlannedImage
        let place: BatchPlace
    }

    /// Builds the images and puts them where their plans say. A layout appears, or changes, when all of its images are
    /// built, and in one step.
    ///
    /// - Parameters:
    ///   - images: with their names, in the order that they are reported in.
    ///   - observe: called for each image, from any thread.
    /// - Returns: what became of each.
    /// - Throws: the first problem, if it is not to be gone on then.
    package func build(
        _ images: [Named<PlannedImage>],
        observe: @escaping @Sendable (Event) -> Void
    ) async throws(DiagnosticList) -> [Result<BuiltImage, DiagnosticList>] {
        let keepsGoing = keepsGoing
        let places = BatchPlace.places(of: images.map(\.value.output))
        // What was built before, and is in its registry, is a question and an answer.
        let pushes = images.contains { $0.value.job != nil } ? Self.pushesAtATime : Self.mostAtATime
        let width = min(max(cores, images.contains { $0.value.isPushed } ? pushes : 1), Self.mostAtATime)
        var builder = Builder(cores: max(1, cores / width), access: access)
        builder.receiver = receiver
        let worker = BatchWorker(
            builder: builder,
            shared: await shared(by: images.map(\.value), places),
            keepsGoing: keepsGoing,
            detail: detail,
            observe: observe
        )
        let jobs = images.indices.map { index in
            Job(position: index, name: images[index].name, image: images[index].value, place: places[index])
        }
        let outcomes: [Result<BuiltImage, DiagnosticList>]
        do throws(Diagnostic) {
            outcomes = try await concurrently(jobs, atMost: width) { job async throws(Diagnostic) in
                do throws(Diagnostic) {
                    return .success(try await worker.build(job.image, job.name, at: job.position, job.place))
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

    /// Writes the layers that several images have.
    private func shared(by images: [PlannedImage], _ places: [BatchPlace]) async -> SharedLayers {
        let planned = images.indices.filter { images[$0].job != nil }
        let builder = Builder(cores: cores, access: access)
        return await SharedLayers(
            of: planned.compactMap { images[$0].job },
            draftsIn: planned.map { places[$0].draftDirectory ?? access.settings.temporaryDirectory }
        ) { job, place throws(Diagnostic) in try builder.assembler(job, draftsIn: place) }
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
