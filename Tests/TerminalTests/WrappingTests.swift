import Testing

@testable import Terminal

@Suite("Text in lines of a width")
struct WrappingTests {
    @Test(
        "text is broken where spaces are, and not within quotations that fit a line",
        arguments: [
            ("one two three", 7, 9, ["one two", "three"]),
            ("one", 1, 1, ["one"]),
            ("", 10, 10, [""]),
            ("use `a b` now", 6, 6, ["use", "`a b`", "now"]),
            ("use `a very long quotation` now", 10, 10, ["use `a", "very long", "quotation`", "now"]),
            ("unbreakable-word x", 4, 4, ["unbreakable-word", "x"]),
            ("an odd ` backtick at last", 10, 10, ["an odd `", "backtick", "at last"]),
        ] as [(String, Int, Int, [String])]
    )
    func lines(text: String, first: Int, others: Int, expected: [String]) {
        #expect(Wrapping.lines(text, first: first, others: others) == expected)
    }
}
