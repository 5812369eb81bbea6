import ByteIO
import Glibc
import Synchronization

/// What a signal does: nothing half written stays, and the process ends as the signal ends one.
package enum Interrupts {
    private struct State {
        var cancel: (@Sendable () -> Void)?
        var progress: TransferProgress?
        var isEnding = false
        var hasEnded = false
    }

    private static let state = Mutex(State())

    /// To be called before any thread is made, so that all of them leave the signals to the one that waits.
    package static func prepare() {
        // A closed pipe and a file-size limit are errors of the call that meets them, with a message.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var waited = ends
        pthread_sigmask(SIG_BLOCK, &waited, nil)
        var waiter = pthread_t()
        guard pthread_create(&waiter, nil, { _ in Interrupts.wait() }, nil) == 0 else { return }
        pthread_detach(waiter)
    }

    /// Sets what asks the command to end early.
    package static func cancelling(_ cancel: @escaping @Sendable () -> Void) { state.withLock { $0.cancel = cancel } }

    /// Sets what knows of uploads, which are cancelled at their registries when they end early.
    package static func watch(_ progress: TransferProgress) { state.withLock { $0.progress = progress } }

    /// Whether a signal has come: failures after it are not errors.
    package static var isEnding: Bool { state.withLock { $0.isEnding } }

    /// Ends the process when the command is done, unless a signal is about to do that.
    package static func end(_ code: Int32) -> Never {
        let isEnding = state.withLock { state in
            state.hasEnded = true
            return state.isEnding
        }
        while isEnding { pause() }
        exit(code)
    }

    /// The signals that ask a process to end, without those that its parent ignores (`nohup`).
    private static var ends: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            sigaction(number, nil, &action)
            // SIG_IGN is the handler at address 1.
            if unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) != 1 { sigaddset(&signals, number) }
        }
        return signals
    }

    private static func wait() -> UnsafeMutableRawPointer? {
        var waited = ends
        var number: Int32 = 0
        while sigwait(&waited, &number) != 0 {}
        EchoSwitch.restore()
        let (cancel, progress) = state.withLock { state in
            state.isEnding = true
            return (state.cancel, state.progress)
        }
        ChildGroups.killAll()
        TemporaryPaths.deleteAll()
        if let cancel, progress?.hasUploads == true {
            // A second signal ends the process here: users need not wait for a registry.
            for number in [SIGINT, SIGTERM, SIGHUP] where sigismember(&waited, number) == 1 { signal(number, SIG_DFL) }
            pthread_sigmask(SIG_UNBLOCK, &waited, nil)
            cancel()
            waitForEnd()
        }
        signal(number, SIG_DFL)
        pthread_sigmask(SIG_UNBLOCK, &waited, nil)
        raise(number)
        // The first process of a container ignores signals that it does not handle.
        _exit(128 + number)
    }

    /// At most two seconds.
    private static func waitForEnd() {
        for _ in 0..<200 {
            if state.withLock({ $0.hasEnded }) { return }
            usleep(10_000)
        }
    }
}
