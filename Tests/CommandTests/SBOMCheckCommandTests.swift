import TestSupport
import Testing

@Suite("coracle sbom check") struct SBOMCheckCommandTests {
    private let place: TemporaryDirectory
    private let home: DockerConfiguration

    init() throws {
        place = try TemporaryDirectory()
        home = try DockerConfiguration()
    }

    private func coracle(_ arguments: String...) throws -> Outcome {
        try Built.coracle(arguments, environment: home.environment, directory: place.path).run()
    }

    @Test("a file is checked, and standard input; an error ends with 9, and may be allowed")
    func file() throws {
        let sample = try #require(SBOMSample.all.first { $0.codes == ["sbom.no-source"] })
        try place.file("sbom.json", sample.text)
        let outcome = try coracle("sbom", "check", "sbom.json")
        #expect(outcome.end == .exited(9))
        #expect(outcome.output.hasPrefix("error[sbom.no-source]: 1 package whose source trivy does not know\n"))
        let line = "SPDX 2.3, 4 packages; looked up: trivy 3, grype 4, osv-scanner 4; 1 error\n"
        #expect(outcome.output.hasSuffix("sbom.json: \(line)"))
        let allowed = try coracle("sbom", "check", "sbom.json", "--allow", "sbom.no-source=libc6", "--json")
        #expect(allowed.end == .exited(0))
        #expect(allowed.output.contains(#""allowed": true"#))
        var piped = Built.coracle(["sbom", "check", "-"], directory: place.path)
        piped.input = Array(sample.text.utf8)
        #expect(try piped.run().output.hasSuffix("standard input: \(line)"))
    }

    @Test("the log for code scanners has the document as its place")
    func sarif() throws {
        let sample = try #require(SBOMSample.all.first { $0.codes == ["sbom.no-source"] })
        try place.file("my sbom.json", sample.text)
        let outcome = try coracle("sbom", "check", "my sbom.json", "--sarif")
        try place.file("log.sarif", outcome.output)
        let printed = try Command("python3", ["\(FixtureProgram.sources)/sarif.py", place("log.sarif")]).output()
        #expect(printed.hasPrefix("error sbom.no-source my sbom.json"))
    }

    @Test("all documents that hang on an image are checked, and what has none is named")
    func image() throws {
        try place.file("hello", try Sample.hello, mode: 0o755)
        try Built.coracle(["build", "hello", "-o", "image"], directory: place.path).output()
        let none = try coracle("sbom", "check", "image")
        #expect(none.end == .exited(7))
        #expect(none.errors.hasPrefix("error[sbom.not-attached]: "))
        for (index, sample) in SBOMSample.all.prefix(2).enumerated() {
            try place.file("\(index).json", sample.text)
            #expect(try coracle("attach", "image", "\(index).json").end == .exited(0))
        }
        let checked = try coracle("sbom", "check", "image", "--json")
        #expect(checked.end == .exited(0), "\(checked.errors)")
        for word in [#""format": "SPDX""#, #""format": "CycloneDX""#, #""subject": "sha256:"#] {
            #expect(checked.output.contains(word), "\(checked.output)")
        }
        #expect(!checked.output.contains("missing"))
    }

    @Test(
        "what is neither is an error",
        arguments: [
            ("text", "hello", "sbom.unreadable", 3), ("empty", "", "sbom.unreadable", 3),
            ("gone.json", nil, "check.not-found", 7),
        ] as [(String, String?, String, Int32)]
    )
    func neither(name: String, content: String?, code: String, status: Int32) throws {
        if let content { try place.file(name, content) }
        let outcome = try coracle("sbom", "check", name)
        #expect(outcome.end == .exited(status))
        #expect(outcome.errors.hasPrefix("error[\(code)]: "), "\(outcome.errors)")
    }
}
