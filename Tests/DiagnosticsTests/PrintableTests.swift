import Diagnostics
import Testing

@Suite("Names on a terminal")
struct PrintableTests {
    @Test(
        "bytes that are not UTF-8 are shown in hexadecimal, the others as they are",
        arguments: [
            ([], ""), (Array("plain".utf8), "plain"), (Array("é€😀".utf8), "é€😀"), ([0x62, 0xFF, 0x61], #"b\xffa"#),
            ([0xC3], #"\xc3"#), ([0xC3, 0x28], #"\xc3("#), ([0xE2, 0x82, 0x61], #"\xe2\x82a"#),
            ([0xED, 0xA0, 0x80], #"\xed\xa0\x80"#),
            ([0x80, 0x0A], "\\x80\n"), ([0xF0, 0x9F, 0x98, 0x80, 0xF0], #"😀\xf0"#),
        ] as [([UInt8], String)]
    )
    func printing(bytes: [UInt8], text: String) {
        #expect(String(printing: bytes) == text)
    }

    @Test(
        "characters that move the cursor or reorder text are escaped",
        arguments: [
            ("plain é 😀", "plain é 😀"), ("a\nb\tc\rd", #"a\nb\tc\rd"#), ("\u{1B}[31mred", #"\x1b[31mred"#),
            ("\u{7F}", #"\x7f"#),
            ("\u{0}\u{1}", #"\x00\x01"#), ("\u{9B}31m", #"\u{9b}31m"#), ("a\u{202E}b", #"a\u{202e}b"#),
            ("\u{2066}x\u{2069}", #"\u{2066}x\u{2069}"#),
            ("\u{200F}", #"\u{200f}"#), ("\r\n", #"\r\n"#),
        ]
    )
    func escaped(text: String, escaped: String) {
        #expect(text.escapedForTerminal == escaped)
        #expect(escaped.escapedForTerminal == escaped)
    }

    @Test("printing a long name of bad bytes takes linear time")
    func long() {
        #expect(String(printing: [UInt8](repeating: 0xFF, count: 100_000)).utf8.count == 400_000)
    }
}
