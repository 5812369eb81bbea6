import Glibc

/// Starts a thread that runs `body`; no thread waits for it.
func startThread(_ body: @escaping @Sendable () -> Void) throws {
    let box = Unmanaged.passRetained(ThreadBody(run: body))
    var thread = pthread_t()
    let failure = pthread_create(
        &thread,
        nil,
        { argument in
            if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
        },
        box.toOpaque()
    )
    guard failure == 0 else {
        box.release()
        throw SupportError("pthread_create: \(String(cString: strerror(failure)))")
    }
    pthread_detach(thread)
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) { self.run = run }
}
