import CLinux
package import Diagnostics
import Glibc
import Synchronization

/// Input of a program that is too large to be held: it is asked for in order, on the thread that waits for the program.
package protocol ChildInput: Sendable {
    /// The next bytes; empty at the end. A program is killed if its input cannot be read.
    func next() throws(Diagnostic) -> [UInt8]
}

/// Another program, run to its end: it is given some input, and what it writes is collected, or handed on as it comes.
///
/// The program gets its arguments and variables and its descriptors 0, 1, 2 and those of `outputs`; nothing else of ours
/// is open in it, and its signals are as at login. It is the first of a process group of its own, which is killed as a
/// whole at the time limit, at the output limit, and when the task is cancelled. A process that it leaves behind after a
/// normal end is not waited for, and lives on unless `endsGroup` is set.
package struct ChildProcess: Sendable {
    /// How it ended.
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
        /// It did not end within the time limit, and was killed.
        case timedOut
        /// It wrote more than the limit, and was killed.
        case wroteTooMuch
        /// The task was cancelled, and the process killed.
        case cancelled
        /// Its input could not be read, and it was killed.
        case unfed(Diagnostic)
        case notStarted(SystemError)
    }

    /// How it ended, and what it wrote.
    package struct Outcome: Sendable {
        package let ending: Ending
        private let written: [Int32: [UInt8]]

        fileprivate init(_ ending: Ending, _ written: [Int32: [UInt8]]) {
            self.ending = ending
            self.written = written
        }

        /// The bytes that it wrote to one of its descriptors; empty for one that was not asked for.
        package subscript(descriptor: Int32) -> [UInt8] { written[descriptor] ?? [] }
    }

    package let program: FilePath
    /// The program's own name first.
    package let arguments: [String]
    package let environment: [String: String]
    /// Where it starts; `nil` for our own working directory.
    package let directory: FilePath?
    /// All of its standard input.
    package let input: [UInt8]
    /// Standard input that comes through a pipe, instead of `input`; `nil` if there is none.
    package let feed: (any ChildInput)?
    /// Descriptors of the process that are read here, from 1 to 9. Its standard output and error stream are thrown away
    /// if they are not among them.
    package let outputs: [Int32]
    /// Number of bytes that it may write to all of `outputs` together.
    package let outputLimit: Int
    package let timeLimit: Duration
    /// Whether what it leaves behind in its process group is killed when it ends.
    package let endsGroup: Bool

    /// - Parameter program: absolute, if there is a `directory`.
    package init(
        _ program: FilePath,
        _ arguments: [String],
        environment: [String: String],
        directory: FilePath? = nil,
        input: [UInt8] = [],
        feed: (any ChildInput)? = nil,
        outputs: [Int32] = [1],
        outputLimit: Int,
        timeLimit: Duration,
        endsGroup: Bool = false
    ) {
        precondition(
            outputs.allSatisfy { (1...9).contains($0) },
            "a process has its outputs at descriptors from 1 to 9"
        )
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.input = input
        self.feed = feed
        self.outputs = outputs
        self.outputLimit = outputLimit
        self.timeLimit = timeLimit
        self.endsGroup = endsGroup
    }

    /// Runs it and collects what it writes.
    package func run() async -> Outcome {
        let written = Mutex<[Int32: [UInt8]]>([:])
        let ending = await run { descriptor, bytes in
            written.withLock { $0[descriptor, default: []].append(contentsOf: bytes) }
        }
        return Outcome(ending, written.withLock { $0 })
    }

    /// Runs it and hands on what it writes, as it comes.
    ///
    /// - Parameter take: is called with the descriptor and some bytes, on a thread of its own, one call at a time. While it
    ///   works, the process waits as soon as its pipe is full.
    package func run(
        _ take: @escaping @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Void
    ) async -> Ending {
        let cancellation = Cancellation()
        // On a thread of its own: if all threads of the concurrency runtime are busy, a process that hangs would be noticed
        // only when they are not.
        return await withTaskCancellationHandler {
            await onOwnThread {
                do throws(SystemError) {
                    var child = try start()
                    return child.wait(self, cancellation, take)
                } catch {
                    return .notStarted(error)
                }
            }
        } onCancel: {
            cancellation.isRequested.store(true, ordering: .relaxed)
        }
    }

    // MARK: Starting

    private func start() throws(SystemError) -> RunningChild {
        let content = try ClosedDescriptor(moving: coracle_memory_file())
        // A file and no pipe: nothing is lost, and no signal comes, if the program does not read all of it.
        try content.write(input)
        var pipes = [RunningChild.Pipe]()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var writers = [ClosedDescriptor]()
        var feeding: RunningChild.Feed?
        if let feed {
            let (reader, writer) = try Self.pipe()
            writers.append(reader)
            feeding = RunningChild.Feed(feed, writer)
            posix_spawn_file_actions_adddup2(&actions, reader.descriptor, 0)
        } else {
            posix_spawn_file_actions_adddup2(&actions, content.descriptor, 0)
        }
        for output in outputs {
            let (reader, writer) = try Self.pipe()
            pipes.append(RunningChild.Pipe(output: output, reader: reader))
            writers.append(writer)
            posix_spawn_file_actions_adddup2(&actions, writer.descriptor, output)
        }
        for stream in [Int32(1), 2] where !outputs.contains(stream) {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
        }
        if let directory {
            let failure = directory.withCString { coracle_spawn_in(&actions, $0) }
            guard failure == 0 else { throw SystemError(number: failure) }
        }
        // Ours are all closed by execution; what we inherited, or a library opened, need not be.
        for descriptor in try Self.openDescriptors() where descriptor > 2 && !outputs.contains(descriptor) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP)
        )

        let variables = environment.map { "\($0.key)=\($0.value)" }.sorted()
        let started = ChildGroups.starting { process in
            program.withCString { path in
                withCStrings(arguments) { words in
                    withCStrings(variables) { posix_spawn(&process, path, &actions, &attributes, words, $0) }
                }
            }
        }
        // What is ours of the child's ends closes behind the start: then a pipe ends with the child.
        defer { withExtendedLifetime((writers, content)) {} }
        return RunningChild(try started.get(), pipes, feeding)
    }

    private static func pipe() throws(SystemError) -> (reader: ClosedDescriptor, writer: ClosedDescriptor) {
        var ends: [Int32] = [-1, -1]
        guard coracle_pipe(&ends) == 0 else { throw .last }
        let reader = Result { () throws(SystemError) in try ClosedDescriptor(moving: ends[0]) }
        let writer = Result { () throws(SystemError) in try ClosedDescriptor(moving: ends[1]) }
        return (try reader.get(), try writer.get())
    }

    private static func openDescriptors() throws(SystemError) -> [Int32] {
        try directoryEntries(of: "/proc/self/fd").compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
    }
}

extension ChildProcess.Ending {
    /// A clause for messages; `nil` for an exit status of 0.
    package func reason(_ process: ChildProcess) -> String? {
        switch self {
        case .exited(0): nil
        case .exited(let status): "it ended with status \(status)"
        case .signalled(let number): "it was ended by signal \(number)"
        case .timedOut: "it did not end within \(process.timeLimit.components.seconds) s"
        case .wroteTooMuch: "it wrote more than \(process.outputLimit) bytes"
        case .cancelled: "the work was cancelled"
        case .unfed(let problem): problem.summary
        case .notStarted(let error): "it cannot be started: \(error)"
        }
    }
}

/// Whether the outcome is no longer wanted.
private final class Cancellation: Sendable {
    let isRequested = Atomic(false)
}

/// A child that runs, with our ends of its pipes.
private struct RunningChild: ~Copyable {
    struct Pipe {
        let output: Int32
        let reader: ClosedDescriptor
    }

    /// What is written into the program's standard input, and where.
    struct Feed {
        let source: any ChildInput
        let writer: ClosedDescriptor
        /// What the pipe has not taken yet.
        var pending: ArraySlice<UInt8> = []

        init(_ source: any ChildInput, _ writer: ClosedDescriptor) {
            (self.source, self.writer) = (source, writer)
        }
    }

    private let process: Int32
    /// Those whose end has not been reached.
    private var pipes: [Pipe]
    /// `nil` once all is written, or the program takes no more.
    private var feed: Feed?
    /// Becomes readable when the process ends; `nil` where the kernel has no such descriptor.
    private let end: ClosedDescriptor?
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    private var received = 0

    init(_ process: Int32, _ pipes: [Pipe], _ feed: Feed?) {
        self.process = process
        self.pipes = pipes
        self.feed = feed
        end = try? ClosedDescriptor(moving: coracle_process_descriptor(process))
    }

    /// Reads until the process ends, or has to be killed. No zombie is left.
    mutating func wait(
        _ child: ChildProcess,
        _ cancellation: Cancellation,
        _ take: (Int32, UnsafeRawBufferPointer) -> Void
    ) -> ChildProcess.Ending {
        for pipe in pipes { _ = fcntl(pipe.reader.descriptor, F_SETFL, O_NONBLOCK) }
        if let feed { Self.prepare(feed.writer.descriptor) }
        let deadline = ContinuousClock.now + child.timeLimit
        while true {
            // In this order: what is written before the end is in the pipes when the end is seen. Another process that the
            // child leaves behind may keep a pipe open, and is not waited for.
            let ending = reap(child.endsGroup)
            guard read(atMost: child.outputLimit, take) else { return kill(.wroteTooMuch, isRunning: ending == nil) }
            if let ending { return ending }
            do throws(Diagnostic) {
                try write()
            } catch {
                return kill(.unfed(error), isRunning: true)
            }
            if cancellation.isRequested.load(ordering: .relaxed) { return kill(.cancelled, isRunning: true) }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return kill(.timedOut, isRunning: true) }
            poll(left)
        }
    }

    /// Makes ready for writing: this thread, which is of this child alone, gets an error where else a signal would come.
    private static func prepare(_ descriptor: Int32) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        // Larger than usual, if that is allowed: fewer changes between two processes.
        _ = fcntl(descriptor, 1031 /* F_SETPIPE_SZ */, 1 << 20)
    }

    /// Writes what the program's standard input takes now.
    private mutating func write() throws(Diagnostic) {
        guard var feed = feed.take() else { return }
        // So much at once: then there may be something to read, and the clock is looked at.
        var left = 8 << 20
        while left > 0 {
            if feed.pending.isEmpty {
                feed.pending = try feed.source.next()[...]
                // The end: the pipe closes with its last reference.
                if feed.pending.isEmpty { return }
            }
            let count = feed.pending.withUnsafeBytes { Glibc.write(feed.writer.descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { break }
            // The program takes no more; how it ends says why.
            guard count > 0 else { return }
            feed.pending = feed.pending.dropFirst(count)
            left -= count
        }
        self.feed = feed
    }

    /// Takes all that is in the pipes now; false if it is more than `limit`.
    private mutating func read(
        atMost limit: Int,
        _ take: (Int32, UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        for pipe in pipes {
            while true {
                let count = Glibc.read(pipe.reader.descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { break }
                guard count > 0 else {
                    pipes.removeAll { $0.output == pipe.output }
                    break
                }
                received += count
                guard received <= limit else { return false }
                buffer.withUnsafeBytes { take(pipe.output, UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
        }
        return true
    }

    /// Waits until something was written or the process ended, but not long: a cancellation has no descriptor.
    private func poll(_ left: Duration) {
        var descriptors = pipes.map { pollfd(fd: $0.reader.descriptor, events: Int16(POLLIN), revents: 0) }
        if let end { descriptors.append(pollfd(fd: end.descriptor, events: Int16(POLLIN), revents: 0)) }
        if let feed { descriptors.append(pollfd(fd: feed.writer.descriptor, events: Int16(POLLOUT), revents: 0)) }
        let longest: Int64 = end == nil ? 5 : 50
        let milliseconds =
            left >= .milliseconds(longest) ? longest : left.components.attoseconds / 1_000_000_000_000_000
        _ = Glibc.poll(&descriptors, nfds_t(descriptors.count), Int32(max(1, milliseconds)))
    }

    /// How the process ended; `nil` while it runs.
    private func reap(_ endsGroup: Bool) -> ChildProcess.Ending? {
        var status: Int32 = 0
        var found: pid_t = 0
        ChildGroups.reaping(process) {
            if endsGroup {
                // Before it is reaped: then the number of its group can be another's.
                var state = siginfo_t()
                let hasAnswer = waitid(P_PID, id_t(process), &state, WEXITED | WNOHANG | WNOWAIT) == 0
                if hasAnswer, state.si_signo == SIGCHLD { _ = Glibc.kill(-process, SIGKILL) }
            }
            found = waitpid(process, &status, WNOHANG)
            return found > 0
        }
        if found == 0 || (found < 0 && errno == EINTR) { return nil }
        // If SIGCHLD is ignored, the kernel keeps no status: what was written has to speak for itself.
        guard found > 0 else { return .exited(0) }
        // As the C library's macros WIFEXITED, WEXITSTATUS and WTERMSIG do.
        return status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
    }

    private func kill(_ ending: ChildProcess.Ending, isRunning: Bool) -> ChildProcess.Ending {
        // Once it is reaped, its number, and that of its group, can be another's.
        guard isRunning else { return ending }
        _ = Glibc.kill(-process, SIGKILL)
        ChildGroups.reaping(process) { true }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return ending
    }
}

/// A descriptor that no other program inherits, and that is not among those a child gets; closed with its last reference.
private final class ClosedDescriptor: Sendable {
    let descriptor: Int32

    /// Takes the file of `other`, which is closed. `other` is -1 if the call that should have made it failed.
    init(moving other: Int32) throws(SystemError) {
        guard other >= 0 else { throw .last }
        descriptor = fcntl(other, F_DUPFD_CLOEXEC, 10)
        let error = SystemError.last
        close(other)
        guard descriptor >= 0 else { throw error }
    }

    deinit { close(descriptor) }

    /// Writes `bytes` at the beginning, and leaves the position there.
    func write(_ bytes: [UInt8]) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try retrying {
                bytes.withUnsafeBytes {
                    pwrite(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done, off_t(done))
                }
            }
        }
    }
}

/// Calls `body` with the NULL-terminated array that `execve` wants.
private func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("the array ends in nil, so it has an address") }
        return body(base)
    }
}
