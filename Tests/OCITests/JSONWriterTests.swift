import OCI
import Testing

@Suite("JSON writing")
struct JSONWriterTests {
    private static let value: JSON = [
        "b": [1, "x", []], "a": ["d": .null, "c": true], "Z": .number("1.50"), "é": [:],
    ]

    @Test("members are written in their order, without spaces")
    func compact() {
        #expect(text(Self.value.encoded()) == #"{"b":[1,"x",[]],"a":{"d":null,"c":true},"Z":1.50,"é":{}}"#)
    }

    @Test("sorted keys are in the order of their bytes, at every level")
    func sorted() {
        #expect(
            text(Self.value.encoded(sortedKeys: true)) == #"{"Z":1.50,"a":{"c":true,"d":null},"b":[1,"x",[]],"é":{}}"#
        )
    }

    // UTF-16, which some writers sort by, has these two the other way round.
    @Test("beyond the basic plane the order is that of UTF-8 too")
    func sortedBytes() {
        let value: JSON = ["\u{10000}": 1, "\u{FFFF}": 2]
        #expect(text(value.encoded(sortedKeys: true)) == "{\"\u{FFFF}\":2,\"\u{10000}\":1}")
    }

    @Test("the indented form has two spaces a level and ends with a line feed")
    func pretty() {
        let expected = """
            {
              "b": [
                1,
                "x",
                []
              ],
              "a": {
                "d": null,
                "c": true
              },
              "Z": 1.50,
              "é": {}
            }

            """
        #expect(text(Self.value.encoded(pretty: true)) == expected)
    }

    @Test(
        "only what must be is escaped, in the shortest way",
        arguments: [
            ("a/b", #""a/b""#), ("\"\\", #""\"\\""#), ("\u{8}\u{9}\u{A}\u{C}\u{D}", #""\b\t\n\f\r""#),
            ("\u{0}\u{1}\u{B}\u{1F}", #""\u0000\u0001\u000b\u001f""#),
            ("\u{7F}é😀<>&\u{2028}", "\"\u{7F}é😀<>&\u{2028}\""),
        ]
    )
    func escapes(value: String, written: String) {
        #expect(text(JSON.string(value).encoded()) == written)
    }

    @Test("what is written is read as the same value", arguments: [false, true], [false, true])
    func roundTrip(pretty: Bool, sortedKeys: Bool) throws {
        let sorted = try JSON(parsing: Self.value.encoded(sortedKeys: sortedKeys), named: "x")
        #expect(try JSON(parsing: sorted.encoded(pretty: pretty), named: "x") == sorted)
        if !sortedKeys { #expect(sorted == Self.value) }
    }
}
