import Coracle
import Glibc

/// What a signal does: nothing half written stays, and the process ends as the signal ends one.
enum Interrupts {
    /// To be called before any thread is made, so that all of them leave the signals to the one that waits.
    static func prepare() {
        // A closed pipe and a file-size limit are errors of the call that meets them, with a message.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var waited = sigset_t()
        sigemptyset(&waited)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&waited, number) }
        pthread_sigmask(SIG_BLOCK, &waited, nil)
        var thread = pthread_t()
        pthread_create(
            &thread,
            nil,
            { _ in
                var waited = sigset_t()
                sigemptyset(&waited)
                for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&waited, number) }
                var number: Int32 = 0
                while sigwait(&waited, &number) != 0 {}
                Leftovers.delete()
                signal(number, SIG_DFL)
                pthread_sigmask(SIG_UNBLOCK, &waited, nil)
                raise(number)
                // The first process of a container ignores signals that it does not handle.
                _exit(128 + number)
            },
            nil
        )
        pthread_detach(thread)
    }
}
