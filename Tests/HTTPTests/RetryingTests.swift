import Diagnostics
import Synchronization
import Testing

@testable import HTTP

/// A clock that moves only when something waits.
final class HandClock: Sendable {
    private let state = Mutex<(now: ContinuousClock.Instant, pauses: [Duration])>((.now, []))

    var pauses: [Duration] { state.withLock { $0.pauses } }

    /// - Parameter random: which part of the jitter is taken, 0 to 1.
    func clock(random: Double = 1) -> RetryClock {
        var clock = RetryClock()
        clock.now = { [self] in state.withLock { $0.now } }
        clock.pause = { [self] in advance(by: $0) }
        clock.random = { random }
        return clock
    }

    func advance(by duration: Duration) {
        state.withLock { state in
            state.now += duration
            state.pauses.append(duration)
        }
    }
}

@Suite("Trying again")
struct RetryingTests {
    private static let problem = Diagnostic(.urlMalformed, "it failed", because: "it is busy")

    private func failing(
        _ policy: RetryPolicy,
        _ clock: HandClock,
        random: Double = 1,
        asked: Duration? = nil
    ) async -> (waits: [Retrying.Wait], error: Diagnostic?) {
        let waits = Mutex<[Retrying.Wait]>([])
        let retrying = Retrying(policy, clock: clock.clock(random: random)) { wait in waits.withLock { $0.append(wait) }
        }
        do throws(Diagnostic) {
            try await retrying.run(at: "a server") { () async -> Attempt<Void, Diagnostic> in
                .again(Self.problem, after: asked)
            }
            return (waits.withLock { $0 }, nil)
        } catch {
            return (waits.withLock { $0 }, error)
        }
    }

    @Test("every pause is reported before it is made, with its number and its reason")
    func reports() async {
        let (waits, error) = await failing(RetryPolicy(attempts: 3), HandClock())
        #expect(
            waits == [
                Retrying.Wait(server: "a server", attempt: 2, limit: 3, delay: .seconds(1), reason: "it is busy"),
                Retrying.Wait(server: "a server", attempt: 3, limit: 3, delay: .seconds(2), reason: "it is busy"),
            ]
        )
        #expect(error?.reason == "it is busy; after 3 attempts over 3 s")
    }

    @Test(
        "pauses double up to the longest, and a part of each is chosen at random",
        arguments: [
            (0...1, 1.0, [1, 2, 4, 5, 5]), (0...1, 0.5, [0.5, 1, 2, 2.5, 2.5]), (0...1, 0, [0, 0, 0, 0, 0]),
            (0.5...1, 0, [0.5, 1, 2, 2.5, 2.5]),
        ] as [(ClosedRange<Double>, Double, [Double])]
    )
    func pauses(jitter: ClosedRange<Double>, random: Double, expected: [Double]) async {
        let clock = HandClock()
        _ = await failing(RetryPolicy(attempts: 6, longestDelay: .seconds(5), jitter: jitter), clock, random: random)
        #expect(clock.pauses == expected.map { .seconds($0) })
    }

    @Test(
        "a pause that the server asks for is made in full, up to the longest",
        arguments: [(3, 3), (90, 60), (-5, 0)]
    )
    func asked(seconds: Int, expected: Int) async {
        let clock = HandClock()
        _ = await failing(RetryPolicy(attempts: 2), clock, random: 0, asked: .seconds(seconds))
        #expect(clock.pauses == [.seconds(expected)])
    }

    @Test("no pause is begun that would end after the time for all tries")
    func timeLimit() async {
        let clock = HandClock()
        let (waits, error) = await failing(RetryPolicy(longestTime: .seconds(100)), clock, asked: .seconds(40))
        #expect(clock.pauses == [.seconds(40), .seconds(40)])
        #expect(waits.count == 2)
        #expect(error?.reason == "it is busy; after 3 attempts over 80 s")
    }

    @Test("the pauses of a client have a limit together, whatever it tries")
    func allPauses() async {
        let clock = HandClock()
        let retrying = Retrying(RetryPolicy(attempts: 3, longestWait: .seconds(10)), clock: clock.clock())
        var reasons: [String?] = []
        for _ in 0..<4 {
            do throws(Diagnostic) {
                try await retrying.run(at: "a server") { () async -> Attempt<Void, Diagnostic> in .again(Self.problem) }
            } catch {
                reasons.append(error.reason)
            }
        }
        // Three times 1 s and 2 s; of the fourth the first alone.
        #expect(clock.pauses.map(\.components.seconds) == [1, 2, 1, 2, 1, 2, 1])
        #expect(reasons[2] == "it is busy; after 3 attempts over 3 s")
        #expect(reasons[3] == "it is busy; after 2 attempts over 1 s; all pauses together reach 10 s")
    }

    @Test("a loop inside another has no more time than the other has left")
    func nested() async {
        let clock = HandClock()
        let inner = Mutex(0)
        let retrying = Retrying(RetryPolicy(longestTime: .seconds(100)), clock: clock.clock())
        await #expect(throws: Diagnostic.self) {
            try await retrying.run(at: "outer") { () async -> Attempt<Void, Diagnostic> in
                do throws(Diagnostic) {
                    return .done(
                        try await retrying.run(at: "inner") { () async -> Attempt<Void, Diagnostic> in
                            inner.withLock { $0 += 1 }
                            return .again(Self.problem, after: .seconds(45))
                        }
                    )
                } catch {
                    return .again(error, after: .seconds(5))
                }
            }
        }
        // Two pauses of 45 s and one of 5 s; then there is no time for a third of 45 s, nor for 5 s twice.
        #expect(clock.pauses == [.seconds(45), .seconds(45), .seconds(5)])
        #expect(inner.withLock { $0 } == 4)
    }

    @Test("a try that gets a megabyte further is not counted, and the time begins again")
    func progress() async throws {
        let clock = HandClock()
        let position = Mutex<Int64>(0)
        let retrying = Retrying(RetryPolicy(attempts: 2, longestTime: .seconds(10)), clock: clock.clock())
        try await retrying.run(at: "a server", progress: { position.withLock { $0 } }) {
            () async -> Attempt<Void, Diagnostic> in
            let now = position.withLock { position in
                position += 1 << 20
                return position
            }
            clock.advance(by: .seconds(8))
            return now == 5 << 20 ? .done(()) : .again(Self.problem)
        }
        #expect(clock.pauses.filter { $0 == .seconds(1) }.count == 4)
    }

    @Test("a wait that is cancelled ends with the last error")
    func cancelled() async {
        var clock = RetryClock()
        clock.pause = { _ in throw CancellationError() }
        let retrying = Retrying(RetryPolicy(), clock: clock)
        let error = await #expect(throws: Diagnostic.self) {
            try await retrying.run(at: "a server") { () async -> Attempt<Void, Diagnostic> in .again(Self.problem) }
        }
        #expect(error?.reason == "it is busy")
    }

    @Test(
        "what an answer asks for",
        arguments: [
            ([:], nil), (["Retry-After": "7"], 7), (["Retry-After": "soon"], nil),
            (["Retry-After": "Sun, 06 Nov 1994 08:49:47 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"], 10),
            (["Retry-After": "Sun, 06 Nov 1994 08:49:27 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"], 0),
            (["Retry-After": "Sun, 06 Nov 2094 08:49:27 GMT"], nil),
        ] as [(HTTPHeaders, Int?)]
    )
    func retryAfter(headers: HTTPHeaders, seconds: Int?) {
        #expect(RetryAfter.delay(in: headers) == seconds.map { .seconds($0) })
    }
}
