package import Diagnostics
package import Images
import Layers
package import OCI
import Rootfs
package import Stack
package import Store
import Synchronization

/// What the plans of many images have in common, found out once: bases, and the runtime layer on each.
///
/// Layers that are taken from here are one in memory, however many images have them.
package final class PlanShare: Sendable {
    /// What the runtime layer depends on.
    package struct RuntimeKey: Hashable {
        /// Nil for nothing below it.
        let base: Digest?
        let wanted: BuildRequest.Runtime?
        let options: RuntimeOptions
    }

    /// A stack with the runtime layer, and what was to be said of it.
    package struct Runtime: Sendable {
        let stack: LayerStack
        package let notes: [Diagnostic]
        package let problems: Problems
    }

    private struct BaseKey: Hashable {
        let location: ImageLocation
        let platforms: [Platform]
    }

    package typealias Bases = [Platform: Result<(base: Base, files: BaseFiles), Diagnostic>]

    private let runtimes = Mutex<[RuntimeKey: Runtime]>([:])
    private let providers = Mutex<[BaseKey: any ImageProvider]>([:])
    private let bases = Mutex<[BaseKey: Task<Result<Bases, Diagnostic>, Never>]>([:])

    package init() {}

    /// The runtime layer's stack, made by `make` the first time.
    package func runtime(_ key: RuntimeKey, _ make: () -> Runtime) -> Runtime {
        if let known = runtimes.withLock({ $0[key] }) { return known }
        let made = make()
        // If two were made at the same time, one is kept.
        return runtimes.withLock { runtimes in
            if let known = runtimes[key] { return known }
            runtimes[key] = made
            return made
        }
    }

    /// The way to what is at `location`, which is asked for its name once.
    package func provider(
        for location: ImageLocation,
        on platforms: [Platform],
        _ access: ImageAccess
    ) throws(Diagnostic) -> any ImageProvider {
        let key = BaseKey(location: location, platforms: platforms)
        if let known = providers.withLock({ $0[key] }) { return known }
        let made = try access.provider(for: location, on: platforms)
        return providers.withLock { providers in
            if let known = providers[key] { return known }
            providers[key] = made
            return made
        }
    }

    /// What is at `location`; those who ask while it is being read wait for the same answer.
    package func read(
        _ location: ImageLocation,
        for platforms: [Platform],
        _ access: ImageAccess
    ) async throws(Diagnostic) -> Bases {
        let key = BaseKey(location: location, platforms: platforms)
        let provider = try provider(for: location, on: platforms, access)
        let task = bases.withLock { bases in
            if let known = bases[key] { return known }
            let task = Task<Result<Bases, Diagnostic>, Never> {
                do throws(Diagnostic) {
                    return .success(try await BaseReader(location, provider, access).read(for: platforms))
                } catch {
                    return .failure(error)
                }
            }
            bases[key] = task
            return task
        }
        return try await task.value.get()
    }
}
