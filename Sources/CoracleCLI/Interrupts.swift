import Coracle
import Glibc

/// What a signal does: nothing half written stays, and the process ends as the signal ends one.
enum Interrupts {
    /// To be called before any thread is made, so that all of them leave the signals to the one that waits.
    static func prepare() {
        // A closed pipe and a file-size limit are errors of the call that meets them, with a message.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var waited = ends
        pthread_sigmask(SIG_BLOCK, &waited, nil)
        var waiter = pthread_t()
        guard pthread_create(&waiter, nil, { _ in Interrupts.wait() }, nil) == 0 else { return }
        pthread_detach(waiter)
    }

    /// The signals that ask a process to end, without those that whoever started it wants ignored (`nohup`).
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
        Leftovers.delete()
        signal(number, SIG_DFL)
        pthread_sigmask(SIG_UNBLOCK, &waited, nil)
        raise(number)
        // The first process of a container ignores signals that it does not handle.
        _exit(128 + number)
    }
}
