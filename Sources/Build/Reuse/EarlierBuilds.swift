import Synchronization

/// What earlier builds have left in registries and elsewhere.
struct EarlierBuilds: Sendable {
    /// In the order they are asked.
    var images: [PreviousImage] = []
    var records: [CacheRecord] = []
}

/// Reads them when the first layer is looked for: a build of what has not changed asks no registry.
final class EarlierBuildsReader: Sendable {
    private let read: @Sendable () async -> EarlierBuilds
    private let task = Mutex<Task<EarlierBuilds, Never>?>(nil)

    init(_ read: @escaping @Sendable () async -> EarlierBuilds) { self.read = read }

    var builds: EarlierBuilds {
        get async {
            let task = task.withLock { task in
                if let task { return task }
                let begun = Task { [read] in await read() }
                task = begun
                return begun
            }
            return await task.value
        }
    }
}
