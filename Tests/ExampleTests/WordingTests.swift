import TestSupport
import Testing

/// `.ci/words`, which `make lint` runs over all sources, tests and documents.
@Suite("The lint of wordings")
struct WordingTests {
    @Test(
        "finds wordings that CONTRIBUTING.md replaces",
        arguments: [
            "throw malformed(\"it is no" + " JSON object\")", "/// O" + "f the whole tar, in bytes.",
            "/// Ni" + "l for none.",
            "// Some" + "body else has it.", "case .r: \"rot" + "ten\"",
            "/// A library of another machine is" + " none.",
            "@Test(\"the user is to" + "ld\")",
        ]
    )
    func found(line: String) throws {
        let place = try TemporaryDirectory()
        try place.file("Line.swift", "\(line)\n")
        let outcome = try Command("\(Example.repository)/.ci/words", [place("Line.swift")]).run()
        #expect(outcome.end == .exited(1))
        #expect(outcome.output.contains("Line.swift:1:") && outcome.output.contains("write: "), "\(outcome.output)")
    }

    @Test(
        "passes the better forms, code, and the account of that name",
        arguments: [
            "throw malformed(\"there is no image\")", "// It is no longer there.",
            "/// Size of the whole tar, in bytes.",
            "let to" + "ld = rot" + "ten + some" + "body", "// Of course.", "// If there is none, it is made.",
            "/// The user `nobody` (65534).",
            "static let no" + "body = User(name: \"no" + "body\", uid: 65534)",
        ]
    )
    func passed(line: String) throws {
        let place = try TemporaryDirectory()
        try place.file("Line.swift", "\(line)\n")
        let outcome = try Command("\(Example.repository)/.ci/words", [place("Line.swift")]).run()
        #expect(outcome.end == .exited(0), "\(outcome.output)")
    }
}
