import Glibc
import Synchronization

/// What the command is doing, which is said when nothing else was for two seconds.
///
/// A terminal shows one line that counts seconds; a log gets a line after two seconds, and one every ten after that.
package enum Activity {
    private struct State {
        var isShown = false
        var hasThread = false
        var name = ""
        var began = ContinuousClock.now
        /// When something was last written, by whatever part.
        var heard = ContinuousClock.now
        var lines = 0
    }

    private static let state = Mutex(State())

    /// Sets whether anything is said at all.
    package static func show(_ isShown: Bool) {
        let needsThread = state.withLock { state in
            state.isShown = isShown
            defer { if isShown { state.hasThread = true } }
            return isShown && !state.hasThread
        }
        guard needsThread else { return }
        var thread = pthread_t()
        guard pthread_create(&thread, nil, { _ in Activity.watch() }, nil) == 0 else { return }
        pthread_detach(thread)
    }

    /// Says what begins now, such as `planning`.
    package static func begin(_ name: String) {
        state.withLock { state in
            state.name = name
            state.began = .now
            state.heard = .now
            state.lines = 0
        }
    }

    /// Says that nothing takes time any more.
    package static func end() {
        let wasShown = state.withLock { state in
            defer { state.name = "" }
            return state.isShown && state.lines > 0
        }
        if wasShown, TerminalTraits.errors.movesCursor { Console.show([]) }
    }

    /// To be called when anything is written to standard error.
    static func hear() { state.withLock { $0.heard = .now } }

    private static func watch() -> UnsafeMutableRawPointer? {
        while true {
            usleep(250_000)
            guard let line = due(at: .now) else { continue }
            if TerminalTraits.errors.movesCursor { Console.redraw([line]) } else { Console.log(line) }
        }
    }

    /// The line to write now; `nil` for none.
    private static func due(at now: ContinuousClock.Instant) -> String? {
        state.withLock { state in
            guard state.isShown, !state.name.isEmpty else { return nil }
            // A line that counts is written over by itself, which is nothing new to read.
            let silence: Duration = state.lines == 0 || TerminalTraits.errors.movesCursor ? .seconds(2) : .seconds(10)
            guard now - state.heard >= silence else { return nil }
            state.lines += 1
            return "\(state.name): \((now - state.began).components.seconds) s"
        }
    }
}
