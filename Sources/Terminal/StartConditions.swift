package import Diagnostics
import Glibc

/// What the process cannot do without, and the Swift runtime neither: without it they would hang, crash, or take a command
/// line for an empty one.
package enum StartConditions {
    /// Number of threads that a command may need at once, besides the main one: two that work, one that waits for signals,
    /// one for connections, one for blocking work.
    private static let threads = 5

    /// What is missing; `nil` if nothing is.
    package static func problem() -> Diagnostic? {
        // The runtime reads the arguments there.
        guard access("/proc/self/cmdline", R_OK) == 0 else {
            return Diagnostic(
                .procMissing,
                "there is no `/proc`",
                because: "coracle and the Swift runtime read their arguments and open files there",
                hint: "mount it: `mount -t proc proc /proc`"
            )
        }
        if let limit = addressLimit, limit < leastAddresses {
            return Diagnostic(
                .threadsMissing,
                "the address space is limited to \(ByteCount(Int64(clamping: limit)))",
                because: "each thread reserves some, and the C library takes minutes without",
                hint: "raise the limit: `ulimit -v \(leastAddresses / 1024)`"
            )
        }
        guard let error = failureToStartThreads() else { return nil }
        return Diagnostic(
            .threadsMissing,
            "\(threads) threads cannot be started",
            because: String(cString: strerror(error)),
            hint: "raise the limit of processes, `ulimit -u`, or of memory, `ulimit -v`"
        )
    }

    /// Size of the addresses that suffice, in bytes. For each thread the C library reserves 64 MiB; without them it maps a
    /// page for each small piece of memory.
    private static let leastAddresses: UInt64 = 300 << 20

    /// The limit of the address space, in bytes; `nil` if there is none.
    private static var addressLimit: UInt64? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else {
            return nil
        }
        return UInt64(limit.rlim_cur)
    }

    /// Starts threads that do nothing and ends them; returns the error of the first that cannot be started.
    ///
    /// The concurrency runtime would wait for ever for a thread that it cannot start.
    private static func failureToStartThreads() -> Int32? {
        let gate = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        gate.initialize(to: pthread_mutex_t())
        pthread_mutex_init(gate, nil)
        pthread_mutex_lock(gate)
        var started: [pthread_t] = []
        var failure: Int32?
        while started.count < threads, failure == nil {
            var thread = pthread_t()
            let result = pthread_create(
                &thread,
                nil,
                { gate in
                    // A thread's first memory may take more than all that comes later.
                    free(malloc(64))
                    let gate = gate?.assumingMemoryBound(to: pthread_mutex_t.self)
                    if let gate {
                        pthread_mutex_lock(gate)
                        pthread_mutex_unlock(gate)
                    }
                    return nil
                },
                gate
            )
            if result == 0 { started.append(thread) } else { failure = result }
        }
        pthread_mutex_unlock(gate)
        for thread in started { pthread_join(thread, nil) }
        pthread_mutex_destroy(gate)
        gate.deallocate()
        return failure
    }
}

extension Diagnostic.Code {
    static let procMissing = Self("system.no-proc", .localIO)
    static let threadsMissing = Self("system.no-threads", .localIO)
}
