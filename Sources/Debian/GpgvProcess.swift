import ByteIO
import CLinux
import Glibc
import Synchronization

/// A child that reads its input, and gives a text on its standard output and facts on descriptor 3.
///
/// All three are nameless files in memory: no pipe can fill up, nor a reader end too early.
struct GpgvProcess: Sendable {
    struct Outcome: Sendable {
        let text: [UInt8]
        let status: [UInt8]
    }

    struct Failure: Error {
        /// A clause for messages.
        let reason: String
    }

    private static let outputLimit = 32 << 20

    private let program: FilePath
    private let arguments: [String]
    private let input: [UInt8]
    private let timeLimit: Duration

    init(_ program: FilePath, _ arguments: [String], input: [UInt8], timeLimit: Duration) {
        self.program = program
        self.arguments = arguments
        self.input = input
        self.timeLimit = timeLimit
    }

    func run() async throws(Failure) -> Outcome {
        let files: (input: MemoryFile, text: MemoryFile, facts: MemoryFile)
        let process: Int32
        do throws(SystemError) {
            files = try (MemoryFile(), MemoryFile(), MemoryFile())
            try files.input.write(input)
            process = try start(files.input, files.text, files.facts)
        } catch {
            throw Failure(reason: "it cannot be started: \(error)")
        }
        let deadline = ContinuousClock.now + timeLimit
        let cancellation = Cancellation()
        // Not in this task: where all threads of the concurrency runtime are busy, a process that hangs would be found
        // only when they are not.
        let end = await withTaskCancellationHandler {
            await onOwnThread { Self.wait(for: process, until: deadline, files.text, files.facts, cancellation) }
        } onCancel: {
            cancellation.isRequested.store(true, ordering: .relaxed)
        }
        switch end {
        case .ended: break
        case .signalled(let number): throw Failure(reason: "it was ended by signal \(number)")
        case .tooLate: throw Failure(reason: "it did not end within \(timeLimit.components.seconds) s")
        case .tooMuch: throw Failure(reason: "it wrote more than \(Self.outputLimit) bytes")
        case .cancelled: throw Failure(reason: "the work was cancelled")
        }
        do throws(SystemError) {
            return Outcome(text: try files.text.contents(), status: try files.facts.contents())
        } catch {
            throw Failure(reason: "\(error)")
        }
    }

    private enum End { case ended, signalled(Int32), tooLate, tooMuch, cancelled }

    /// Whatever the outcome, no child is left.
    private static func wait(
        for process: Int32,
        until deadline: ContinuousClock.Instant,
        _ text: MemoryFile,
        _ facts: MemoryFile,
        _ cancellation: Cancellation
    ) -> End {
        while true {
            var status: Int32 = 0
            let found = waitpid(process, &status, WNOHANG)
            if found == process { return status & 0x7F == 0 ? .ended : .signalled(status & 0x7F) }
            // Somebody ignores SIGCHLD: the status is lost, and what it wrote has to speak for itself.
            if found < 0, errno != EINTR { return .ended }
            let end: End? =
                if ContinuousClock.now > deadline {
                    .tooLate
                } else if max(text.size, facts.size) > outputLimit {
                    .tooMuch
                } else if cancellation.isRequested.load(ordering: .relaxed) {
                    .cancelled
                } else {
                    nil
                }
            if let end {
                kill(process, SIGKILL)
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                return end
            }
            usleep(2000)
        }
    }

    private func start(_ input: MemoryFile, _ text: MemoryFile, _ facts: MemoryFile) throws(SystemError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.descriptor, 0)
        posix_spawn_file_actions_adddup2(&actions, text.descriptor, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, facts.descriptor, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        // Nothing of ours decides how it works.
        var variables: [UnsafeMutablePointer<CChar>?] = [strdup("LC_ALL=C"), nil]
        defer { for pointer in words + variables { free(pointer) } }
        var process: Int32 = 0
        let failure = program.withCString { posix_spawn(&process, $0, &actions, &attributes, &words, &variables) }
        guard failure == 0 else { throw SystemError(number: failure) }
        return process
    }
}

/// Whether nobody waits for the outcome any more.
private final class Cancellation: Sendable {
    let isRequested = Atomic(false)
}

/// A file in memory that no child inherits by itself, and whose descriptor is none of those a child is given.
private final class MemoryFile: Sendable {
    let descriptor: Int32

    init() throws(SystemError) {
        let first = coracle_memory_file()
        guard first >= 0 else { throw .last }
        descriptor = fcntl(first, F_DUPFD_CLOEXEC, 10)
        let error = SystemError.last
        close(first)
        guard descriptor >= 0 else { throw error }
    }

    deinit { close(descriptor) }

    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Writes `bytes`, for a child that then reads them from the first.
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

    func contents() throws(SystemError) -> [UInt8] {
        let count = size
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let read = try retrying {
                bytes.withUnsafeMutableBytes {
                    pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, off_t(done))
                }
            }
            if read == 0 { break }
            done += read
        }
        return Array(bytes[..<done])
    }
}
