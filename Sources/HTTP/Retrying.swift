package import Diagnostics
internal import Synchronization

/// Tries something until it is done, until another try cannot help, or until it was tried often or long enough.
///
/// This is the only such loop: registries, token servers and mirrors are its callers. Where one runs inside another, such
/// as the request for a token inside that for a blob, the time of the outer one also limits the inner one.
package struct Retrying: Sendable {
    /// A pause before another try, for a display of progress.
    package struct Wait: Hashable, Sendable {
        /// The server's name, for people.
        package let server: String
        /// Number of the try that follows; the first is 1.
        package let attempt: Int
        /// Number of tries in all.
        package let limit: Int
        package let delay: Duration
        /// Why the last try failed: a clause without a full stop.
        package let reason: String
    }

    package let policy: RetryPolicy
    private let clock: RetryClock
    private let observer: @Sendable (Wait) -> Void
    /// Shared by all copies: the pauses of a client together have a limit.
    private let paused = Paused()

    private final class Paused: Sendable {
        private let total = Mutex(Duration.zero)

        /// Adds a pause; false if all pauses together would be longer than `limit`.
        func add(_ pause: Duration, limit: Duration) -> Bool {
            total.withLock { total in
                guard total + pause <= limit else { return false }
                total += pause
                return true
            }
        }
    }

    /// When the innermost loop that is running in this task has to end.
    @TaskLocal private static var deadline: ContinuousClock.Instant?

    /// A try that got this many bytes further does not count as failed.
    private static let progressThatCounts: Int64 = 1 << 20

    /// - Parameter observer: is called before every pause.
    package init(
        _ policy: RetryPolicy,
        clock: RetryClock = RetryClock(),
        observer: @escaping @Sendable (Wait) -> Void = { _ in }
    ) {
        self.policy = policy
        self.clock = clock
        self.observer = observer
    }

    /// - Parameters:
    ///   - server: its name, for people.
    ///   - progress: number of bytes that the tries have reached so far, for something that can go on where it broke off.
    /// - Throws: the error of the last try, which then also says how often and how long it was tried.
    package func run<Value: Sendable, Failure: RetriedError>(
        at server: String,
        progress: (() -> Int64)? = nil,
        _ attempt: () async -> Attempt<Value, Failure>
    ) async throws(Failure) -> Value {
        let start = clock.now()
        var deadline = start + policy.longestTime
        let outer = Self.deadline
        if let outer { deadline = min(deadline, outer) }
        var (tries, failures) = (0, 0)
        var reached = progress?() ?? 0
        while true {
            let outcome = await Self.$deadline.withValue(deadline) { await attempt() }
            let (failure, asked): (Failure, Duration?)
            switch outcome {
            case .done(let value): return value
            case .failed(let failure): throw failure
            case .again(let problem, let delay): (failure, asked) = (problem, delay)
            }
            tries += 1
            failures += 1
            let now = clock.now()
            if let position = progress?(), position - reached >= Self.progressThatCounts {
                reached = position
                failures = 1
                deadline = now + policy.longestTime
                if let outer { deadline = min(deadline, outer) }
            }
            let delay = policy.delay(after: failures, asked: asked, random: clock.random())
            let last =
                tries > 1
                ? failure.adding("after \(tries) attempts over \((now - start).components.seconds) s") : failure
            guard failures < policy.attempts, now + delay < deadline, !Task.isCancelled else { throw last }
            guard paused.add(delay, limit: policy.longestWait) else {
                throw last.adding("all pauses together reach \(policy.longestWait.inWords)")
            }
            observer(
                Wait(
                    server: server,
                    attempt: failures + 1,
                    limit: policy.attempts,
                    delay: delay,
                    reason: failure.retryReason
                )
            )
            do { try await clock.pause(delay) } catch { throw last }
        }
    }
}

/// What came of one try.
package enum Attempt<Value: Sendable, Failure: RetriedError>: Sendable {
    case done(Value)
    /// Another try would end the same way.
    case failed(Failure)
    /// Another try can help, after a pause that the server asked for, if it did.
    case again(Failure, after: Duration? = nil)

    /// What `next` makes of the value; a failure stays as it is, and what `next` throws is one that another try would not
    /// change.
    package func then<Next: Sendable>(
        _ next: (Value) async throws(Failure) -> Attempt<Next, Failure>
    ) async -> Attempt<Next, Failure> {
        switch self {
        case .failed(let failure): return .failed(failure)
        case .again(let failure, let delay): return .again(failure, after: delay)
        case .done(let value):
            do throws(Failure) {
                return try await next(value)
            } catch {
                return .failed(error)
            }
        }
    }
}

/// An error that can say how often something was tried.
package protocol RetriedError: Error, Sendable {
    /// A clause without a full stop, for the message before another try.
    var retryReason: String { get }
    /// The same error with a further clause in its reason.
    func adding(_ clause: String) -> Self
}

extension Diagnostic: RetriedError {
    package var retryReason: String { reason ?? summary }

    package func adding(_ clause: String) -> Diagnostic {
        var problem = self
        problem.reason = reason.map { "\($0); \(clause)" } ?? clause
        return problem
    }
}

/// Time and chance, which tests replace.
package struct RetryClock: Sendable {
    package var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// Waits; throws when the task is cancelled.
    package var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// A number from 0 to 1.
    package var random: @Sendable () -> Double = { Double.random(in: 0...1) }

    package init() {}
}
