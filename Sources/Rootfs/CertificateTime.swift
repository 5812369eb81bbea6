import SwiftASN1

/// A second of a certificate's validity, in UTC. RFC 5280 § 4.1.2.5.
struct CertificateTime {
    private let year: Int
    private let month: Int
    private let dayOfMonth: Int
    private let secondOfDay: Int

    init(_ node: ASN1Node) throws {
        if node.identifier == .utcTime {
            let time = try UTCTime(derEncoded: node)
            (year, month, dayOfMonth) = (time.year, time.month, time.day)
            secondOfDay = (time.hours * 60 + time.minutes) * 60 + time.seconds
        } else {
            let time = try GeneralizedTime(derEncoded: node)
            (year, month, dayOfMonth) = (time.year, time.month, time.day)
            secondOfDay = (time.hours * 60 + time.minutes) * 60 + time.seconds
        }
    }

    /// `2026-11-21`.
    var day: String {
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
    }

    var secondsSince1970: Int64 {
        // Years that begin in March, so that the leap day is the last of its year; 400 of them have 146,097 days.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dayOfMonth - 1
        let (era, yearOfEra) = (shifted / 400, shifted % 400)
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(days - 719_468) * 86_400 + Int64(secondOfDay)
    }
}
