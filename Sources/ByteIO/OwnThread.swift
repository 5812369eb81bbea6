import Glibc

/// Does blocking work on a thread of its own, so that no thread of the concurrency runtime waits for it.
package func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let job = Job { continuation.resume(returning: work()) }
        let pointer = Unmanaged.passRetained(job).toOpaque()
        var thread = pthread_t()
        let failure = pthread_create(
            &thread,
            nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().work()
                return nil
            },
            pointer
        )
        if failure == 0 {
            pthread_detach(thread)
        } else {
            // No thread can be created, so the work is done here.
            Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().work()
        }
    }
}

private final class Job: Sendable {
    let work: @Sendable () -> Void

    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
}
