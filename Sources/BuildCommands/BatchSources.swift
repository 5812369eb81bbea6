import Build
import ByteIO
import Diagnostics
import Request
import SourceBuild
import Synchronization

/// The sources of a wave of images, built side by side.
struct BatchSources {
    /// The source of one image.
    struct Job: Sendable {
        /// The image's name.
        let name: String
        let project: SourceProject
        let request: BuildRequest
        let workshop: Workshop
    }

    private let jobs: [Job]
    private let width: Int
    private let keepsGoing: Bool

    /// - Parameter width: number of toolchains that run at the same time.
    init(_ jobs: [Job], atMost width: Int, keepsGoing: Bool) {
        self.jobs = jobs
        self.width = width
        self.keepsGoing = keepsGoing
    }

    /// What came of each, in their order.
    ///
    /// - Throws: the first failure, unless the others are to be built all the same. Those in progress are ended then.
    func build() async throws(DiagnosticList) -> [Result<SourceProject.Product, Diagnostic>] {
        let outcomes = Mutex<[Int: Result<SourceProject.Product, Diagnostic>]>([:])
        let failed = Mutex<Diagnostic?>(nil)
        do throws(Diagnostic) {
            _ = try await concurrently(lanes, atMost: width) { lane throws(Diagnostic) in
                for index in lane {
                    try checkCancellation()
                    let job = jobs[index]
                    do throws(Diagnostic) {
                        let product = try await job.project.build(job.request, in: job.workshop)
                        outcomes.withLock { $0[index] = .success(product) }
                    } catch {
                        outcomes.withLock { $0[index] = .failure(error) }
                        guard !keepsGoing else { continue }
                        // Those that were ended because of it are not what went wrong.
                        failed.withLock { $0 = $0 ?? Diagnostic.merged([Named(job.name, [error])])[0] }
                        throw error
                    }
                }
            }
        } catch {
            throw DiagnosticList(failed.withLock { $0 } ?? error)
        }
        return jobs.indices.map { index in outcomes.withLock { $0[index] } ?? .failure(.cancelled) }
    }

    /// Places of jobs: those of a lane wait for each other, because their toolchain writes to one place.
    private var lanes: [[Int]] {
        var lanes = [[Int]]()
        var places: [String: Int] = [:]
        for (index, job) in jobs.enumerated() {
            if let workplace = job.project.workplace, let place = places[workplace] {
                lanes[place].append(index)
            } else {
                if let workplace = job.project.workplace { places[workplace] = lanes.count }
                lanes.append([index])
            }
        }
        return lanes
    }
}
