package import Diagnostics

/// A moment, to the second.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// From the year 1 to the year 9999.
    package let secondsSince1970: Int64

    private static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Clamps to the years that RFC 3339 can write.
    package init(secondsSince1970: Int64) {
        self.secondsSince1970 = min(max(secondsSince1970, Self.range.lowerBound), Self.range.upperBound)
    }

    /// Parses RFC 3339, such as `2026-11-21T09:00:00Z`, or a number of seconds since 1970.
    ///
    /// - Throws: `timestamp.malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        guard let seconds = Self.number(text) ?? Self.rfc3339(text), Self.range.contains(seconds) else {
            throw Diagnostic(
                .timestampMalformed,
                "`\(text.excerpt)` is not a time",
                hint: "write it as in RFC 3339, such as `2026-11-21T09:00:00Z`, or as seconds since 1970"
            )
        }
        secondsSince1970 = seconds
    }

    /// Whether `left` is the earlier.
    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.secondsSince1970 < right.secondsSince1970 }

    /// RFC 3339, in UTC.
    package var description: String {
        var days = secondsSince1970 / 86400
        var seconds = secondsSince1970 % 86400
        if seconds < 0 { (days, seconds) = (days - 1, seconds + 86400) }
        let (year, month, day) = Self.date(ofDay: days)
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))Z"
    }

    /// Whether `text` is RFC 3339, without regard to its range: what image configs have to have, and engines refuse otherwise.
    package static func isRFC3339(_ text: String) -> Bool { rfc3339(text) != nil }

    private static func number(_ text: String) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    private static func rfc3339(_ text: String) -> Int64? {
        var rest = text[...].utf8
        func digits(_ count: Int) -> Int64? {
            let field = rest.prefix(count)
            guard field.count == count, field.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(count)
            return field.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        func skip(_ characters: String) -> Bool {
            guard let byte = rest.first, characters.utf8.contains(byte) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard
            let year = digits(4), skip("-"), let month = digits(2), skip("-"), let day = digits(2), skip("Tt "),
            let hour = digits(2), skip(":"), let minute = digits(2), skip(":"), let second = digits(2),
            year > 0, (1...12).contains(month), (1...length(ofMonth: month, year)).contains(day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        if skip(".") {
            let fraction = rest.prefix { (0x30...0x39).contains($0) }
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(fraction.count)
        }
        var offset: Int64 = 0
        if !skip("Zz") {
            let isBehind = rest.first == UInt8(ascii: "-")
            guard skip("+-"), let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24, minutes < 60 else {
                return nil
            }
            offset = (hours * 3600 + minutes * 60) * (isBehind ? -1 : 1)
        }
        guard rest.isEmpty else { return nil }
        return dayNumber(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
    }

    private static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func length(ofMonth month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970, in the proleptic Gregorian calendar. Years are counted from March, so that a leap day is the last.
    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month > 2 ? year : year - 1
        let m = (month + 9) % 12
        return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468
    }

    private static func date(ofDay number: Int64) -> (Int64, Int64, Int64) {
        // All days here are after 0000-03-01, so that division rounds down.
        let shifted = number + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let m = (5 * dayOfYear + 2) / 153
        let month = m < 10 ? m + 3 : m - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
    }
}

extension Diagnostic.Code {
    package static let timestampMalformed = Self("timestamp.malformed", .usage)
}
