import ByteIO
import Glibc
import Synchronization

/// A child process that is given a little input and gives a little output, within a time.
struct HelperProcess: Sendable {
    enum Outcome: Sendable {
        case exited(Int32, [UInt8])
        case signalled(Int32)
        case timedOut
        case talkedTooMuch
        case notStarted(SystemError)

        /// A clause for messages.
        func reason(_ timeLimit: Duration) -> String {
            switch self {
            case .exited(let status, _): "it ended with status \(status)"
            case .signalled(let number): "it was ended by signal \(number)"
            case .timedOut: "it did not end within \(timeLimit.components.seconds) s"
            case .talkedTooMuch: "it answered more than \(HelperProcess.outputLimit) bytes"
            case .notStarted(let error): "it cannot be started: \(error)"
            }
        }
    }

    static let outputLimit = 64 << 10

    let program: FilePath
    /// With the program's own name first.
    let arguments: [String]
    let environment: [String: String]
    let input: [UInt8]
    let timeLimit: Duration

    /// Between making a pipe and marking it close-on-exec no other helper may start: it would inherit the pipe, and its
    /// reader wait for it.
    private static let starting = Mutex(())

    /// Blocks until the process has ended; to be called on a thread of its own, whose signals it blocks: a helper that does
    /// not read its input would end us by SIGPIPE.
    func run() -> Outcome {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        do throws(SystemError) {
            var child = try Self.starting.withLock { _ throws(SystemError) in try start() }
            return child.wait(giving: input, until: ContinuousClock.now + timeLimit)
        } catch {
            return .notStarted(error)
        }
    }

    private func start() throws(SystemError) -> HelperChild {
        let (childInput, ourOutput) = try pipe()
        let (ourInput, childOutput) = try pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, childInput.descriptor, 0)
        posix_spawn_file_actions_adddup2(&actions, childOutput.descriptor, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // Ours are all close-on-exec; what we inherited, or a library opened, need not be.
        for name in (try? directoryEntries(of: "/proc/self/fd")) ?? [] {
            guard let descriptor = Int32(String(decoding: name, as: UTF8.self)), descriptor > 2 else { continue }
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

        var process: Int32 = 0
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let failure = program.withCString { path in
            withCStrings(arguments) { words in
                withCStrings(variables) { posix_spawn(&process, path, &actions, &attributes, words, $0) }
            }
        }
        guard failure == 0 else { throw SystemError(number: failure) }
        return HelperChild(process: process, input: ourOutput, output: ourInput)
    }

    /// Both ends of a pipe, which no child inherits; never descriptors 0 to 2, which the child's own would replace.
    private func pipe() throws(SystemError) -> (read: OpenDescriptor, write: OpenDescriptor) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw .last }
        defer { for end in ends { close(end) } }
        return (try OpenDescriptor(copying: ends[0]), try OpenDescriptor(copying: ends[1]))
    }
}

/// A descriptor above those of the standard streams, closed with its last reference.
final class OpenDescriptor: Sendable {
    let descriptor: Int32

    init(copying other: Int32) throws(SystemError) {
        descriptor = fcntl(other, F_DUPFD_CLOEXEC, 3)
        guard descriptor >= 0 else { throw .last }
    }

    deinit { close(descriptor) }
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
