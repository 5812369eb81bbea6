import ByteIO
import Glibc

/// A helper that runs, with our ends of its pipes.
struct HelperChild {
    let process: Int32
    /// Nil once all is written: the process sees the end of its input then.
    var input: OpenDescriptor?
    let output: OpenDescriptor

    /// Writes the input, reads the output, and waits for the end; at `deadline` the process and what it started are killed.
    /// Whatever the outcome, no zombie is left.
    mutating func wait(giving bytes: [UInt8], until deadline: ContinuousClock.Instant) -> HelperProcess.Outcome {
        if let input { _ = fcntl(input.descriptor, F_SETFL, O_NONBLOCK) }
        _ = fcntl(output.descriptor, F_SETFL, O_NONBLOCK)
        var rest = bytes[...]
        var isOpen = true
        var collected = [UInt8]()
        // A process that has ended can have left another that keeps the pipe open: then its output is what is there now.
        var status: Int32?
        while isOpen {
            if let descriptor = input?.descriptor, !write(&rest, to: descriptor) || rest.isEmpty { input = nil }
            let ended = status != nil
            switch read(into: &collected) {
            case .end: isOpen = false
            case .nothing: if ended { isOpen = false }
            case .some: break
            }
            guard collected.count <= HelperProcess.outputLimit else { return kill(.talkedTooMuch, status) }
            guard isOpen else { break }
            guard ContinuousClock.now < deadline else { return kill(.timedOut, status) }
            if status == nil { status = reap() }
            if status == nil { poll(until: deadline) }
        }
        input = nil
        while status == nil {
            guard ContinuousClock.now < deadline else { return kill(.timedOut, nil) }
            status = reap()
            if status == nil { usleep(2000) }
        }
        return Self.outcome(status ?? 0, collected)
    }

    /// False if nobody reads it: not every helper wants to know everything.
    private func write(_ bytes: inout ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else {
                guard errno == EINTR || errno == EAGAIN else { return false }
                if errno == EAGAIN { return true }
            }
        }
        return true
    }

    private enum Reading { case some, nothing, end }

    private func read(into bytes: inout [UInt8]) -> Reading {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        let count = Glibc.read(output.descriptor, &buffer, buffer.count)
        if count > 0 {
            bytes += buffer[..<count]
            return .some
        }
        return count == 0 || (errno != EINTR && errno != EAGAIN) ? .end : .nothing
    }

    /// Waits until a pipe can be used, or a little while: the end of the process makes itself known to no pipe if another
    /// process has it, too.
    private func poll(until deadline: ContinuousClock.Instant) {
        var pipes = [pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0)]
        if let input { pipes.append(pollfd(fd: input.descriptor, events: Int16(POLLOUT), revents: 0)) }
        let left = ContinuousClock.now.duration(to: deadline)
        _ = Glibc.poll(&pipes, nfds_t(pipes.count), left < .milliseconds(50) ? 5 : 50)
    }

    /// The status that the process ended with; nil while it runs.
    private func reap() -> Int32? {
        var status: Int32 = 0
        let found = waitpid(process, &status, WNOHANG)
        if found == 0 || (found < 0 && errno == EINTR) { return nil }
        // Somebody ignores SIGCHLD, and the kernel keeps no status: the answer has to speak for itself.
        return found < 0 ? 0 : status
    }

    private func kill(_ outcome: HelperProcess.Outcome, _ status: Int32?) -> HelperProcess.Outcome {
        // Once it is reaped, its number, and that of its group, can be another's.
        guard status == nil else { return outcome }
        _ = Glibc.kill(-process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return outcome
    }

    private static func outcome(_ status: Int32, _ output: [UInt8]) -> HelperProcess.Outcome {
        // What the C library's macros WIFEXITED and WEXITSTATUS say.
        status & 0x7F == 0 ? .exited((status >> 8) & 0xFF, output) : .signalled(status & 0x7F)
    }
}
