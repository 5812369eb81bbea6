import Glibc

/// A child process that was started and not yet waited for.
package struct RunningCommand {
    package let command: Command
    package let process: Int32
    fileprivate let output: UnnamedFile
    fileprivate let errors: UnnamedFile

    init(command: Command, process: Int32, output: UnnamedFile, errors: UnnamedFile) {
        self.command = command
        self.process = process
        self.output = output
        self.errors = errors
    }

    /// Sends `signal` to the child alone.
    package func send(_ signal: Int32) {
        kill(process, signal)
    }

    /// What the child has written to standard error so far.
    package var errorsSoFar: String {
        get throws { String(decoding: try errors.contents(), as: UTF8.self) }
    }

    /// What the child has written to standard output so far.
    package var outputSoFar: String {
        get throws { String(decoding: try output.contents(), as: UTF8.self) }
    }

    /// Waits for the end; at the time limit, counted from this call, kills the process group.
    package func wait() throws -> Outcome {
        var status: Int32 = 0
        var timedOut = false
        let deadline = monotonicSeconds() + command.timeLimit
        var pause: UInt32 = 500
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { break }
            if ended < 0, errno != EINTR { throw SupportError("waitpid: \(String(cString: strerror(errno)))") }
            if !timedOut, monotonicSeconds() > deadline {
                timedOut = true
                kill(-process, SIGKILL)
            }
            usleep(pause)
            pause = min(pause * 2, 2000)
        }
        let signal = status & 0x7F
        return Outcome(
            end: timedOut ? .timedOut : signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal),
            outputBytes: try output.contents(),
            errorBytes: try errors.contents()
        )
    }
}

/// How a child process ended and what it wrote.
package struct Outcome: Sendable {
    package enum End: Equatable, Sendable {
        case exited(Int32)
        case signalled(Int32)

        /// It was killed at its time limit.
        case timedOut
    }

    package let end: End
    package let outputBytes: [UInt8]
    package let errorBytes: [UInt8]

    package var output: String { String(decoding: outputBytes, as: UTF8.self) }
    package var errors: String { String(decoding: errorBytes, as: UTF8.self) }

    /// The exit code; `nil` if a signal or the time limit ended the child.
    package var exitCode: Int32? {
        guard case .exited(let code) = end else { return nil }
        return code
    }
}

/// A child process that a test needs to succeed, and that did not.
package struct CommandFailure: Error, CustomStringConvertible {
    package let command: Command
    package let outcome: Outcome

    package var description: String {
        "`\(([command.program] + command.arguments).joined(separator: " "))` ended as \(outcome.end)\n\(outcome.errors)\(outcome.output)"
    }
}

private func monotonicSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
