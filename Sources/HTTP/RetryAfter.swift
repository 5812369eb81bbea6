/// When a server asks for another try (RFC 9110 § 10.2.3).
package enum RetryAfter: Hashable, Sendable {
    /// After so many seconds.
    case seconds(Int64)
    /// At a time, in seconds since 1970.
    case date(Int64)

    /// The value of a `Retry-After` field; `nil` if it is malformed.
    package init?(_ value: String) {
        let text = value.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        if !text.isEmpty, text.allSatisfy(isDigit) {
            // A year stands for everything longer, so that nothing overflows.
            let year: Int64 = 366 * 86_400
            self = .seconds(min(year, text.count > 9 ? year : Int64(String(decoding: text, as: UTF8.self)) ?? year))
        } else if let date = HTTPDate.seconds(of: value) {
            self = .date(date)
        } else {
            return nil
        }
    }

    /// The pause that an answer asks for; `nil` if it asks for none.
    ///
    /// A date is compared with the answer's own `Date`, because this machine's clock may be wrong; without one, it means
    /// nothing.
    package static func delay(in headers: HTTPHeaders) -> Duration? {
        guard let wait = headers["Retry-After"].flatMap({ RetryAfter($0) }) else { return nil }
        if case .seconds = wait { return wait.delay(now: 0) }
        return headers["Date"].flatMap { HTTPDate.seconds(of: $0) }.map { wait.delay(now: $0) }
    }

    /// The pause until then; zero if the time has passed.
    ///
    /// - Parameter now: in seconds since 1970.
    func delay(now: Int64) -> Duration {
        switch self {
        case .seconds(let seconds): .seconds(seconds)
        case .date(let date): date > now ? .seconds(date.subtractingReportingOverflow(now).partialValue) : .zero
        }
    }
}
