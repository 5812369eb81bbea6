import Glibc
import Synchronization

/// A server in a process of its own, which ends with its last reference, and with the process of the tests however that
/// ends.
///
/// A shell waits at one end of a pair of sockets whose other end this process has; when that is closed, the shell ends the
/// server. No clock is involved, as a server may be needed for as long as a loaded machine takes.
package final class ServerProcess: Sendable {
    private let process: RunningCommand
    private let lifeline: Mutex<Int32?>

    package init(_ program: String, _ arguments: [String], directory: String? = nil) throws {
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw SupportError("socketpair: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        lifeline = Mutex(ends[1])
        do {
            process = try Command(
                "sh",
                // The server's own input is /dev/null, as that of everything in the background.
                ["-c", #""$@" & read end; kill -9 $!; wait $!"#, "sh", try Tool.path(of: program)] + arguments,
                directory: directory
            ).start(input: ends[0])
        } catch {
            close(ends[1])
            throw error
        }
    }

    deinit { stop() }

    /// What it has written to standard error so far.
    package var errors: String { get throws { try process.errorsSoFar } }

    /// What it has written to standard output so far.
    package var output: String { get throws { try process.outputSoFar } }

    /// Waits until standard error has the number that is the pattern's group, such as the port that it listens at.
    package func number(in pattern: Regex<(Substring, Substring)>) throws -> Int {
        for _ in 0..<6000 {
            if let match = try process.errorsSoFar.firstMatch(of: pattern), let number = Int(match.1) { return number }
            usleep(10_000)
        }
        stop()
        throw SupportError("`\(process.command.arguments[3])` did not start: \(try process.errorsSoFar)")
    }

    /// Ends it, and waits for that.
    package func stop() {
        lifeline.withLock { lifeline in
            guard let descriptor = lifeline.take() else { return }
            close(descriptor)
            _ = try? process.wait()
        }
    }
}
