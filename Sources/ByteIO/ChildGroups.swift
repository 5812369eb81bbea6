import Glibc
import Synchronization

/// The process groups of programs that run for us, so that an interrupted process can end them with itself: a terminal
/// sends its signals to our own group only.
package enum ChildGroups {
    private struct State {
        var leaders: Set<pid_t> = []
        var isEnding = false
    }

    private static let state = Mutex(State())

    /// Starts a program that leads a group. Once `killAll` has begun, none is started any more, and this does not return.
    ///
    /// - Parameter spawn: sets the process, and returns 0 or the error's number.
    static func starting(_ spawn: (inout pid_t) -> Int32) -> Result<pid_t, SystemError> {
        while true {
            let result: Result<pid_t, SystemError>? = state.withLock { state in
                guard !state.isEnding else { return nil }
                var process: pid_t = 0
                let failure = spawn(&process)
                guard failure == 0 else { return .failure(SystemError(number: failure)) }
                state.leaders.insert(process)
                return .success(process)
            }
            if let result { return result }
            pause()
        }
    }

    /// Calls `reap`, after which the number of `leader` may be another's if it returns true.
    static func reaping(_ leader: pid_t, _ reap: () -> Bool) {
        state.withLock { state in
            if reap() { state.leaders.remove(leader) }
        }
    }

    /// Kills all of them, for a process that is about to end, and waits a moment for their ends: what they write would
    /// come back after it was deleted.
    package static func killAll() {
        let leaders = state.withLock { state in
            state.isEnding = true
            for leader in state.leaders { kill(-leader, SIGKILL) }
            return state.leaders
        }
        for _ in 0..<100 {
            guard leaders.contains(where: { kill(-$0, 0) == 0 }) else { return }
            usleep(10_000)
        }
    }
}
