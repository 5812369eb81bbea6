import Diagnostics
import Testing

@Suite("Diagnostics")
struct DiagnosticTests {
    private static let code = Diagnostic.Code("test.code", .input)

    @Test(
        "a category is the exit code that the documentation promises",
        arguments: [
            (Diagnostic.Category.bug, 1), (.usage, 2), (.input, 3), (.verification, 4), (.authentication, 5),
            (.network, 6),
            (.notFound, 7), (.localIO, 8), (.policy, 9),
        ] as [(Diagnostic.Category, Int32)]
    )
    func exitCodes(category: Diagnostic.Category, code: Int32) {
        #expect(category.rawValue == code)
    }

    @Test(
        "a subject is shown as a person would write it",
        arguments: [
            (Diagnostic.Subject.file(path: "a/b", line: 3), "a/b:3"), (.file(path: "a/b"), "a/b"),
            (.image("x:1"), "x:1"),
            (.blob("sha256:0"), "sha256:0"), (.option("--tag"), "--tag"),
        ]
    )
    func subjects(subject: Diagnostic.Subject, text: String) {
        #expect(subject.description == text)
    }

    @Test("a list of problems keeps their order and is never empty")
    func list() throws {
        let (first, second) = (Diagnostic(Self.code, "one"), Diagnostic(Self.code, "two"))
        #expect(try #require(DiagnosticList([first, second])).items.map(\.summary) == ["one", "two"])
        #expect(DiagnosticList(first, [second]).items.map(\.summary) == ["one", "two"])
        #expect(DiagnosticList([]) == nil)
    }

    @Test("a code is its text and its category")
    func codes() {
        #expect(Self.code.description == "test.code")
        #expect(Self.code == Diagnostic.Code("test.code", .input))
        #expect(Self.code != Diagnostic.Code("test.other", .input))
    }
}
