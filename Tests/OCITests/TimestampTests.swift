import Diagnostics
import OCI
import TestSupport
import Testing

@Suite("Times")
struct TimestampTests {
    @Test(
        "RFC 3339 and seconds since 1970 are read, and shown in UTC",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("0", 0, "1970-01-01T00:00:00Z"),
            ("2026-11-21T09:00:00Z", 1_795_251_600, "2026-11-21T09:00:00Z"),
            ("1795251600", 1_795_251_600, "2026-11-21T09:00:00Z"),
            ("2026-11-21T10:30:00+01:30", 1_795_251_600, "2026-11-21T09:00:00Z"),
            ("2026-11-20T21:00:00-12:00", 1_795_251_600, "2026-11-21T09:00:00Z"),
            ("2026-11-21T09:00:00-00:00", 1_795_251_600, "2026-11-21T09:00:00Z"),
            ("2026-11-21t09:00:00z", 1_795_251_600, "2026-11-21T09:00:00Z"),
            ("2026-11-21 09:00:00Z", 1_795_251_600, "2026-11-21T09:00:00Z"),
            ("2026-11-21T09:00:00.999999999Z", 1_795_251_600, "2026-11-21T09:00:00Z"),
            ("1900-01-01T00:00:00Z", -2_208_988_800, "1900-01-01T00:00:00Z"),
            ("1900-02-28T23:59:59Z", -2_203_891_201, "1900-02-28T23:59:59Z"),
            ("1900-03-01T00:00:00Z", -2_203_891_200, "1900-03-01T00:00:00Z"),
            ("1969-12-31T23:59:59Z", -1, "1969-12-31T23:59:59Z"),
            ("1999-12-31T23:59:59Z", 946_684_799, "1999-12-31T23:59:59Z"),
            ("2000-02-29T00:00:00Z", 951_782_400, "2000-02-29T00:00:00Z"),
            ("2000-03-01T00:00:00Z", 951_868_800, "2000-03-01T00:00:00Z"),
            ("2024-02-29T12:00:00Z", 1_709_208_000, "2024-02-29T12:00:00Z"),
            ("2016-12-31T23:59:60Z", 1_483_228_800, "2017-01-01T00:00:00Z"),
            ("2106-02-07T06:28:16Z", 4_294_967_296, "2106-02-07T06:28:16Z"),
            ("2286-11-20T17:46:40Z", 10_000_000_000, "2286-11-20T17:46:40Z"),
            ("9999-12-31T23:59:59Z", 253_402_300_799, "9999-12-31T23:59:59Z"),
            ("0001-01-01T00:00:00Z", -62_135_596_800, "0001-01-01T00:00:00Z"),
        ]
    )
    func accepted(text: String, seconds: Int64, description: String) throws {
        let time = try Timestamp(parsing: text)
        #expect(time.secondsSince1970 == seconds)
        #expect(time.description == description)
    }

    @Test(
        "what is not a time is refused",
        arguments: [
            "", " ", "abc", "-1", "+1", "1.5", "0x10", "100000000000000000000", "253402300800", "9223372036854775808",
            "1 ",
            "2026-11-21", "2026-11-21T09:00Z", "2026-11-21T09:00:00", "2026-11-21T09:00:00.Z",
            "2026-11-21T09:00:00+1:00",
            "2026-11-21T09:00:00+0100", "2026-11-21T09:00:00+24:00", "2026-11-21T09:00:00+00:60",
            "2026-11-21T09:00:00ZZ",
            "2026-11-21T24:00:00Z", "2026-11-21T09:60:00Z", "2026-11-21T09:00:61Z", "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z", "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
            "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01", "26-11-21T09:00:00Z",
            "２０２６-11-21T09:00:00Z", "2026-11-21T09:00:00Z\n",
        ]
    )
    func refused(text: String) throws {
        let error = #expect(throws: Diagnostic.self) { try Timestamp(parsing: text) }
        #expect(error?.code == .timestampMalformed)
    }

    @Test("every second comes back from its text")
    func roundTrip() throws {
        var generator = Pseudorandom(seed: 3339)
        for _ in 0..<20_000 {
            let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &generator)
            let time = Timestamp(secondsSince1970: seconds)
            let again = try Timestamp(parsing: time.description)
            #expect(again.secondsSince1970 == seconds, "\(time)")
        }
    }

    @Test(
        "each day follows the one before, over four centuries and at the calendar's ends",
        arguments: [-719_162 ... -718_000, -25_567...120_530, 2_932_000...2_932_896] as [ClosedRange<Int64>]
    )
    func everyDay(days: ClosedRange<Int64>) {
        var previous = ""
        for day in days {
            let text = Timestamp(secondsSince1970: day * 86_400).description
            // Fields of fixed width are in the order of their text.
            #expect(previous < text)
            previous = text
        }
    }

    @Test("a number of seconds beyond the calendar is clamped to it")
    func clamped() {
        #expect(Timestamp(secondsSince1970: .max).description == "9999-12-31T23:59:59Z")
        #expect(Timestamp(secondsSince1970: .min).description == "0001-01-01T00:00:00Z")
    }

    @Test("times are ordered")
    func order() {
        #expect(Timestamp(secondsSince1970: -1) < Timestamp(secondsSince1970: 0))
        #expect(!(Timestamp(secondsSince1970: 0) < Timestamp(secondsSince1970: 0)))
    }
}
