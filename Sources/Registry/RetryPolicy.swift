/// How often, and after what time, something is tried again.
package struct RetryPolicy: Hashable, Sendable {
    /// Tries in all.
    package var attempts = 5
    /// Before the second try; it doubles with every further one, and a random part of it is waited.
    package var firstDelay: Duration = .seconds(1)
    /// What is waited at most, also where the server says more.
    package var longestDelay: Duration = .seconds(60)
    /// For all tries of one thing together.
    package var longestTime: Duration = .seconds(600)

    package init() {}

    /// What to wait after so many failed tries.
    ///
    /// - Parameters:
    ///   - asked: what the server wants.
    ///   - jitter: 0 to 1, at random, so that many that failed together do not come back together.
    func delay(after attempt: Int, asked: Duration?, jitter: Double) -> Duration {
        if let asked { return min(max(asked, .zero), longestDelay) }
        var delay = firstDelay
        for _ in 1..<max(1, attempt) { delay = min(delay * 2, longestDelay) }
        return delay * jitter
    }

    /// Statuses that another try may change: the server's haste or trouble (RFC 9110 § 15.5.9, 15.6; RFC 6585 § 4), and
    /// what some proxies say of a connection that they lost.
    static let retried: Set<Int> = [408, 429, 499, 500, 502, 503, 504, 522]
}
