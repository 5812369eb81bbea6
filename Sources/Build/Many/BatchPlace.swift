import ByteIO
import Diagnostics
import Request
import Store
import Synchronization

/// Where some images of a batch go: a layout that several share, or a place of one image's own.
///
/// It is opened with its first image and closed with its last, so that few are open at a time.
final class BatchPlace: Sendable {
    /// A place that is open.
    enum Target: Sendable {
        case layout(LayoutDestination)
        case stage(LayoutStage)
        case archive(ArchiveDestination)

        var draftDirectory: FilePath {
            switch self {
            case .layout(let layout): layout.draftDirectory
            case .stage(let stage): stage.draftDirectory
            case .archive(let archive): archive.draftDirectory
            }
        }

        func add(_ images: ImageSet, at position: Int) async throws(Diagnostic) {
            switch self {
            case .layout(let layout): try await layout.publish(images)
            case .stage(let stage): try await stage.add(images, at: position)
            case .archive(let archive): try await archive.publish(images)
            }
        }
    }

    private struct State {
        var target: Result<Target, Diagnostic>?
        var pending: Int
        var built = 0
        var failure: Diagnostic?
    }

    private let output: BuildRequest.Output?
    /// How many images go there.
    private let count: Int
    private let state: Mutex<State>

    init(_ output: BuildRequest.Output?, count: Int) {
        self.output = output
        self.count = count
        state = Mutex(State(pending: count))
    }

    /// The places of images that go to `outputs`, in their order: one for all that go into one layout.
    static func places(of outputs: [BuildRequest.Output?]) -> [BatchPlace] {
        var counts: [FilePath: Int] = [:]
        let identities = outputs.map { output -> FilePath? in
            if case .layout(let path)? = output { path.identity } else { nil }
        }
        for case let path? in identities { counts[path, default: 0] += 1 }
        var shared: [FilePath: BatchPlace] = [:]
        return zip(outputs, identities).map { output, identity in
            guard let identity, let count = counts[identity], count > 1 else { return BatchPlace(output, count: 1) }
            if let known = shared[identity] { return known }
            let place = BatchPlace(output, count: count)
            shared[identity] = place
            return place
        }
    }

    /// Where drafts of its layers can be written; `nil` if nothing stays on this machine.
    var draftDirectory: FilePath? {
        guard let path = output?.path else { return nil }
        let isDirectory = (try? FileStatus(at: path, following: true))?.kind == .directory
        return isDirectory ? path : path.directory
    }

    /// Why nothing is there although the images were built; `nil` if it is.
    var failure: Diagnostic? { state.withLock { $0.failure } }

    /// Opens it at the first call; `nil` if nothing stays on this machine.
    ///
    /// - Throws: the same at every call: `output.exists`, `io.failed`.
    func open() throws(Diagnostic) -> Target? {
        guard let output else { return nil }
        let target = state.withLock { state in
            if let target = state.target { return target }
            let target: Result<Target, Diagnostic>
            do throws(Diagnostic) {
                target = .success(try open(output))
            } catch {
                target = .failure(error)
            }
            state.target = target
            return target
        }
        return try target.get()
    }

    private func open(_ output: BuildRequest.Output) throws(Diagnostic) -> Target {
        switch output {
        case .archive(let path), .stream(let path): return .archive(try ArchiveDestination(path))
        case .layout(let path):
            let layout = try LayoutDestination(path)
            return count > 1 ? .stage(try LayoutStage(layout)) : .layout(layout)
        }
    }

    /// What became of one image.
    enum Ending { case built, failed }

    /// Counts one image that has ended. With the last one, what was built appears.
    func finish(_ ending: Ending) throws(Diagnostic) -> BatchBuilder.Event? {
        let (target, built) = state.withLock { state -> (Target?, Int) in
            state.pending -= 1
            if ending == .built { state.built += 1 }
            guard state.pending == 0 else { return (nil, 0) }
            // The stage goes with its last image.
            defer { state.target = nil }
            return (try? state.target?.get(), state.built)
        }
        guard let target, built > 0, let output else { return nil }
        if case .stage(let stage) = target {
            do throws(Diagnostic) {
                try stage.publish()
            } catch {
                state.withLock { $0.failure = error }
                throw error
            }
        }
        return .wrote(path: output.path.display, count: built)
    }
}
