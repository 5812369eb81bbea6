/// A point in time as header fields write it (RFC 9110 § 5.6.7), in seconds since 1970.
package enum HTTPDate {
    /// Reads the form in use, `Sun, 06 Nov 1994 08:49:37 GMT`, and the two that are obsolete: `Sunday, 06-Nov-94
    /// 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. The weekday is not compared with the date.
    package static func seconds(of text: some StringProtocol) -> Int64? {
        guard text.utf8.count <= 40 else { return nil }
        let words = text.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "-") }
            .map { Array($0) }
        switch words.count {
        case 6 where words[5] == Array("GMT".utf8):
            guard let year = number(words[3], 2...4) else { return nil }
            // Two digits count from 1970 on, the beginning of all times here.
            let full = words[3].count == 2 ? (year < 70 ? 2000 : 1900) + year : year
            return seconds(year: full, month: words[2], day: words[1], time: words[4])
        case 5:
            guard let year = number(words[4], 4...4) else { return nil }
            return seconds(year: year, month: words[1], day: words[2], time: words[3])
        default: return nil
        }
    }

    /// `2026-01-31`.
    static func day(of seconds: Int64) -> String {
        // The days are counted from 1 March of year 0, so that the leap day is the last of a year.
        let days = (seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400) + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(year)-\(twoDigits(month))-\(twoDigits(dayOfYear - (153 * shifted + 2) / 5 + 1))"
    }

    private static func seconds(year: Int64, month: [UInt8], day: [UInt8], time: [UInt8]) -> Int64? {
        let clock = time.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { Array($0) }
        guard year >= 1970, let month = months.firstIndex(of: month), let day = number(day, 1...2), clock.count == 3,
            let hour = number(clock[0], 2...2), let minute = number(clock[1], 2...2),
            let second = number(clock[2], 2...2), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        // March is the first month, and January and February belong to the year before.
        let shiftedYear = month < 2 ? year - 1 : year
        let shiftedMonth = Int64(month < 2 ? month + 10 : month - 2)
        let days =
            shiftedYear * 365 + shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
            + (153 * shiftedMonth + 2) / 5 + day - 1 - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60 + second
    }

    private static func number(_ digits: [UInt8], _ lengths: ClosedRange<Int>) -> Int64? {
        guard lengths.contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ].map { Array($0.utf8) }
}
