import TestSupport
import Testing

/// Logs for the pages that show the results of code scanners, judged by what SARIF 2.1.0 requires.
@Suite("SARIF")
struct SarifTests {
    private let place: TemporaryDirectory

    init() throws {
        place = try TemporaryDirectory()
        let program = try FixtureProgram("hello-c", .dynamicC).path()
        try place.file("tree/with space", try readFile(program), mode: 0o755)
        try place.file("tree/.env", "PASSWORD=x\n")
    }

    /// The levels, rules and places of a log's results; throws what is wrong with it.
    private func results(_ log: String) throws -> [String] {
        try place.file("log.sarif", log)
        let printed = try Command("python3", ["\(FixtureProgram.sources)/sarif.py", place("log.sarif")]).output()
        return printed.split(separator: "\n").map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
    }

    @Test("what `check` finds, and what of it is allowed")
    func check() throws {
        let outcome = try Built.coracle(
            ["check", "tree", "--sarif", "--allow", "secret.dotenv"],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        #expect(
            try results(outcome.output) == [
                "error run.loader-missing app/with space", "error secret.dotenv app/.env suppressed",
            ]
        )
    }

    @Test("a finding about the whole image has the image as its place, for `check` and for `lint`")
    func whole() throws {
        let program = try Sample.hello
        try place.file("hello", program, mode: 0o755)
        try Built.coracle(
            ["build", "hello", "-t", "localhost/hello", "-o", "an image", "--user", "0"],
            directory: place.path
        ).output()
        let checked = try Built.coracle(["check", "oci:an image", "--sarif"], directory: place.path).output()
        #expect(try results(checked) == ["warning user.root an image"])
        let linted = try Built.coracle(["lint", "oci:an image", "--sarif"], directory: place.path).output()
        #expect(
            try results(linted) == ["warning lint.label-missing an image", "warning lint.latest-only an image"]
        )
    }

    @Test("an image in which nothing is found has a log without results")
    func nothing() throws {
        try place.file("hello", try Sample.hello, mode: 0o755)
        #expect(try results(Built.coracle(["check", "hello", "--sarif"], directory: place.path).output()) == [])
    }
}
