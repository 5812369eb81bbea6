package import Diagnostics
package import Images
package import OCI
import Stack
package import Store
import Synchronization

/// What the plans of many images have in common, found out once: bases, and the runtime layer on each.
///
/// Layers that are taken from here are one in memory, however many images have them.
package final class PlanShare: Sendable {
    /// What the runtime layer depends on.
    struct RuntimeKey: Hashable, Sendable {
        /// `nil` for nothing below it.
        let base: Digest?
        let plan: RuntimePlan
    }

    private struct BaseKey: Hashable, Sendable {
        let location: ImageLocation
        let platforms: [Platform]
    }

    private let runtimes = Memo<RuntimeKey, Checked<LayerStack>>()
    private let providers = Memo<BaseKey, any ImageProvider>()
    private let files = Memo<BaseKey, Task<Result<[Platform: Result<ImageFiles, Diagnostic>], Diagnostic>, Never>>()
    private let bases = Memo<BaseKey, Task<Result<Planner.Bases, Diagnostic>, Never>>()

    package init() {}

    /// The stack with the runtime layer, and what is to be said of it, by `make` if it is not made yet.
    func runtime(_ key: RuntimeKey, _ make: () -> Checked<LayerStack>) -> Checked<LayerStack> {
        runtimes.value(for: key, make)
    }

    /// The way to what is at `location`, which is asked for its name once.
    package func provider(
        for location: ImageLocation,
        on platforms: [Platform],
        _ access: ImageAccess
    ) throws(Diagnostic) -> any ImageProvider {
        try providers.value(for: BaseKey(location: location, platforms: platforms)) { () throws(Diagnostic) in
            try access.provider(for: location, on: platforms)
        }
    }

    /// What is at `location`; callers that ask while it is being read wait for the same answer.
    func read(
        _ location: ImageLocation,
        for platforms: [Platform],
        _ access: ImageAccess
    ) async throws(Diagnostic) -> Planner.Bases {
        let provider = try provider(for: location, on: platforms, access)
        let task = bases.begun(for: BaseKey(location: location, platforms: platforms)) {
            Task {
                do throws(Diagnostic) {
                    return .success(try await BaseReader(location, provider, access).read(for: platforms))
                } catch {
                    return .failure(error)
                }
            }
        }
        return try await task.value.get()
    }

    /// The files of the image at `location`, for each platform; the same for callers that ask while it is being read.
    func files(
        _ location: ImageLocation,
        for platforms: [Platform],
        _ access: ImageAccess
    ) async throws(Diagnostic) -> [Platform: Result<ImageFiles, Diagnostic>] {
        let provider = try provider(for: location, on: platforms, access)
        let task = files.begun(for: BaseKey(location: location, platforms: platforms)) {
            Task {
                do throws(Diagnostic) {
                    return .success(try await ImageFiles.read(for: platforms, of: provider, access))
                } catch {
                    return .failure(error)
                }
            }
        }
        return try await task.value.get()
    }
}

/// Values that are made once for each key.
private final class Memo<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let values = Mutex<[Key: Value]>([:])

    /// The value for `key`, by `make` if there is none yet. If two are made at the same time, one is kept.
    func value<Failure>(for key: Key, _ make: () throws(Failure) -> Value) throws(Failure) -> Value {
        if let known = values.withLock({ $0[key] }) { return known }
        let made = try make()
        return begun(for: key) { made }
    }

    /// The value for `key`, by `begin` if there is none yet: it is called once, and has to be quick.
    func begun(for key: Key, _ begin: () -> Value) -> Value {
        values.withLock { values in
            if let known = values[key] { return known }
            let begun = begin()
            values[key] = begun
            return begun
        }
    }
}
