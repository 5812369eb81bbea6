import Diagnostics
import Testing

@Suite("Similar words")
struct SpellingTests {
    @Test(
        "the distance counts inserted, deleted, replaced and swapped characters",
        arguments: [
            ("", "", 0), ("build", "build", 0), ("biuld", "build", 1), ("buil", "build", 1), ("built", "build", 1),
            ("", "abc", 3), ("é", "e", 1), ("kitten", "sitting", 3),
        ]
    )
    func distance(left: String, right: String, expected: Int) {
        #expect(Spelling.distance(left, right) == expected)
        #expect(Spelling.distance(right, left) == expected)
    }

    @Test(
        "the closest of several words is one that could be meant",
        arguments: [
            ("entrypont", "entrypoint"), ("plaform", "platform"), ("xyz", nil), ("us", "use"),
            (String(repeating: "a", count: 65), nil),
        ] as [(String, String?)]
    )
    func closest(word: String, expected: String?) {
        let candidates = ["platform", "entrypoint", "user", "use", String(repeating: "a", count: 66)]
        #expect(Spelling.closest(to: word, among: candidates) == expected)
    }
}
