/// How often something is tried, how long the pauses between the tries are, and which answers are worth another try.
///
/// Clients differ by such a value and by nothing else: the loop is `Retrying`.
package struct RetryPolicy: Hashable, Sendable {
    /// Number of tries in all.
    package var attempts: Int
    /// Pause before the second try. It doubles with every further try.
    package var firstDelay: Duration
    /// The longest pause, even if the server asks for a longer one.
    package var longestDelay: Duration
    /// Time for all tries of one thing together, pauses included.
    package var longestTime: Duration
    /// Time for the pauses of a client together, whatever it tries.
    package var longestWait: Duration
    /// The part of a pause that is waited is chosen at random in this range, from 0 to 1, so that clients that failed
    /// together do not come back together. A pause that the server asks for is waited in full.
    package var jitter: ClosedRange<Double>
    /// Statuses of answers that another try may change.
    package var statuses: Set<Int>

    /// Overload or server error (RFC 9110 § 15.5.9, § 15.6; RFC 6585 § 4), and what some proxies answer when they lose
    /// their connection to the server: 499 and 522.
    package static let temporaryStatuses: Set<Int> = [408, 429, 499, 500, 502, 503, 504, 522]

    package init(
        attempts: Int = 5,
        firstDelay: Duration = .seconds(1),
        longestDelay: Duration = .seconds(60),
        longestTime: Duration = .seconds(600),
        longestWait: Duration = .seconds(1800),
        jitter: ClosedRange<Double> = 0...1,
        statuses: Set<Int> = temporaryStatuses
    ) {
        self.attempts = attempts
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.longestTime = longestTime
        self.longestWait = longestWait
        self.jitter = jitter
        self.statuses = statuses
    }

    /// The pause after `failures` failed tries.
    ///
    /// - Parameters:
    ///   - asked: what the server asks for.
    ///   - random: a random number from 0 to 1.
    func delay(after failures: Int, asked: Duration?, random: Double) -> Duration {
        if let asked { return min(max(asked, .zero), longestDelay) }
        var delay = min(firstDelay, longestDelay)
        for _ in 1..<max(1, failures) where delay < longestDelay { delay = min(delay * 2, longestDelay) }
        return delay * (jitter.lowerBound + (jitter.upperBound - jitter.lowerBound) * random)
    }
}
