/// When a server wants to be asked again (RFC 9110 § 10.2.3).
package enum RetryAfter: Hashable, Sendable {
    /// After so many seconds.
    case seconds(Int64)
    /// At a time, in seconds since 1970.
    case date(Int64)

    /// The value of a `Retry-After` field; nil if it is none.
    package init?(_ value: String) {
        let text = value.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        if !text.isEmpty, text.allSatisfy(isDigit) {
            // More than a year is as good as never, and is kept from overflowing.
            let year: Int64 = 366 * 86_400
            self = .seconds(min(year, text.count > 9 ? year : Int64(String(decoding: text, as: UTF8.self)) ?? year))
        } else if let date = HTTPDate.seconds(of: value) {
            self = .date(date)
        } else {
            return nil
        }
    }

    /// What is to be waited; nothing where the time has passed.
    ///
    /// - Parameter now: in seconds since 1970; the server's own `Date` is better than this machine's clock.
    package func delay(now: Int64) -> Duration {
        switch self {
        case .seconds(let seconds): .seconds(seconds)
        case .date(let date): date > now ? .seconds(date.subtractingReportingOverflow(now).partialValue) : .zero
        }
    }
}
