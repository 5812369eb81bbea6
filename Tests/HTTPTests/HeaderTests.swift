import Testing

@testable import HTTP

@Suite("Header fields")
struct HeaderTests {
    @Test("names are compared without regard to case, and setting replaces all")
    func names() {
        var headers: HTTPHeaders = ["Content-Type": "a", "link": "1"]
        headers.add("LINK", "2")
        #expect(headers[all: "Link"] == ["1", "2"])
        #expect(headers["content-type"] == "a")
        headers["lInK"] = "3"
        #expect(headers.fields.map(\.value) == ["a", "3"])
        headers["LINK"] = nil
        #expect(headers[all: "link"] == [])
        #expect(headers["missing"] == nil)
    }

    @Test(
        "the three forms of a date are one time",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199), ("Sat, 01 Mar 2025 00:00:00 GMT", 1_740_787_200),
            ("Friday, 31-Dec-99 23:59:59 GMT", 946_684_799), ("Monday, 02-Feb-26 00:00:00 GMT", 1_769_990_400),
        ] as [(String, Int64)]
    )
    func dates(text: String, seconds: Int64) {
        #expect(HTTPDate.seconds(of: text) == seconds)
    }

    @Test(
        "a text that is not a date of HTTP is refused",
        arguments: [
            "", "now", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1969 08:49:37 GMT",
            "Sun, 06 Nov 19941 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT", "2026-01-31T00:00:00Z",
        ]
    )
    func noDates(text: String) {
        #expect(HTTPDate.seconds(of: text) == nil)
    }

    @Test(
        "a day is written as year, month and day",
        arguments: [
            (0, "1970-01-01"), (-1, "1969-12-31"), (951_782_400, "2000-02-29"), (1_767_225_599, "2025-12-31"),
            (4_102_444_800, "2100-01-01"),
        ] as [(Int64, String)]
    )
    func days(seconds: Int64, day: String) {
        #expect(HTTPDate.day(of: seconds) == day)
    }

    @Test(
        "Retry-After is a number of seconds or a date",
        arguments: [
            ("0", .zero), (" 120 ", .seconds(120)), ("99999999999999999999", .seconds(366 * 86_400)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(37)), ("Sun, 06 Nov 1994 08:48:00 GMT", .zero),
            ("-1", nil), ("1.5", nil), ("soon", nil), ("", nil),
        ] as [(String, Duration?)]
    )
    func retryAfter(value: String, delay: Duration?) {
        #expect(RetryAfter(value)?.delay(now: 784_111_740) == delay)
    }

    @Test(
        "Content-Range says which part came",
        arguments: [
            ("bytes 0-99/200", ContentRange(bytes: 0...99, total: 200)),
            ("Bytes 5-5/*", ContentRange(bytes: 5...5, total: nil)),
            ("bytes */200", ContentRange(bytes: nil, total: 200)), ("bytes */*", nil), ("bytes 9-5/20", nil),
            ("bytes 0-200/200", nil), ("bytes -5/20", nil), ("items 0-1/2", nil), ("bytes 0-1", nil),
            ("bytes=0-1/2", nil),
            ("bytes 0-9223372036854775808/*", nil), ("bytes +0-1/2", nil), ("", nil),
        ] as [(String, ContentRange?)]
    )
    func contentRange(value: String, range: ContentRange?) {
        #expect(ContentRange(value) == range)
    }

    @Test(
        "the next page is found among other links",
        arguments: [
            (["</v2/_catalog?last=b&n=2>; rel=\"next\""], "/v2/_catalog?last=b&n=2"), (["</a>;rel=next"], "/a"),
            (["</a>; rel=\"prev\", </b>; title=\"a, \\\"b\\\"; rel=next\"; REL=\"first Next\""], "/b"),
            (["</a>; rel=prev", "</b>; rel=next"], "/b"), (["</a,b;c>; rel=next"], "/a,b;c"),
            (["</a>; rel=prev; rel=next"], nil),
            (["</a>"], nil), (["/a; rel=next"], nil), (["</a; rel=next"], nil), (["</a>; title=\"rel=next"], nil),
            ([], nil),
        ] as [([String], String?)]
    )
    func links(values: [String], next: String?) {
        #expect(LinkHeader.next(in: values) == next)
    }
}
