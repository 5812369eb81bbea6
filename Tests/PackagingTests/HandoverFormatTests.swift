import ByteIO
import Diagnostics
import Findings
import OCI
import TestSupport
import Testing

@testable import Handover

@Suite("What other programs are given of images")
struct HandoverFormatTests {
    private static let hostile = "a|b`c\n::error::x <b>%0A, [l](u) \u{1B}[31m"

    private static func image(
        _ name: String? = nil,
        names: [String] = ["example.com/a:1"],
        purpose: String = "a layer",
        findings: [Finding] = []
    ) throws -> DeliveredImage {
        let digest = Digest(sha256Of: Array("x".utf8))
        let top = Descriptor(mediaType: .imageManifest, digest: digest, size: 7)
        let part = DeliveredImage.Part(
            platform: try Platform(parsing: "linux/amd64"),
            manifest: top,
            config: top,
            layers: [.init(size: 1500, purpose: purpose), .init(size: .max, purpose: purpose)]
        )
        return DeliveredImage(top, called: name, names: names, parts: [part], findings: findings)
    }

    private static func finding(_ summary: String, _ severity: Rule.Severity) -> Finding {
        Finding(Rule("run.test", .error, "a rule"), summary, as: severity)
    }

    @Test("an output of GitHub ends with a line that is not in its value", arguments: ["", "a", "CORACLE-", "x\ny"])
    func delimiter(value: String) throws {
        // The value has the line that would end it otherwise.
        let plain = GitHubFiles.output("k", value).split(separator: "\n").last.map(String.init) ?? ""
        for text in [value, "\(value)\n\(plain)\nstolen=1"] {
            let lines = GitHubFiles.output("k", text).split(separator: "\n", omittingEmptySubsequences: false)
            let end = lines[0].dropFirst("k<<".count)
            #expect(lines[0].hasPrefix("k<<"))
            #expect(lines.dropFirst().firstIndex(of: end) == lines.count - 2, "\(lines)")
            #expect(lines.dropFirst().dropLast(2).joined(separator: "\n") == text)
        }
    }

    @Test("nothing in a name ends a cell of the summary or becomes markup")
    func summary() throws {
        let images = [
            try Self.image(Self.hostile, purpose: Self.hostile, findings: [Self.finding(Self.hostile, .note)])
        ]
        let text = GitHubFiles(.init(images, isBatch: true)).summaryText
        #expect(!text.contains("`") && !text.contains("<b>") && !text.contains("[l]") && !text.contains("\u{1B}"))
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") }
        #expect(rows.count == 7)
        #expect(rows.allSatisfy { $0.count { $0 == "|" } == 4 }, "\(text)")
        #expect(!text.split(separator: "\n").contains { $0.hasPrefix("::") })
    }

    @Test("the summary of ten thousand images is smaller than GitHub takes")
    func largeSummary() throws {
        let image = try Self.image("name", names: (0..<100).map { "example.com/a:\($0)" })
        let text = GitHubFiles(.init([DeliveredImage](repeating: image, count: 10_000), isBatch: true)).summaryText
        #expect(text.utf8.count < 1 << 20)
        #expect(text.contains("… and 9800 more"))
    }

    @Test("an annotation is one line, whatever is in it")
    func annotation() {
        let problem = Diagnostic(
            .usageMalformed,
            Self.hostile,
            at: .file(path: "a:b,c\n%", line: 3),
            because: "100%",
            hint: "do"
        )
        let line = GitHubFiles.annotation("error", problem)
        #expect(line.hasPrefix("::error file=a%3Ab%2Cc%0A%25,line=3,title=usage.malformed::a|b`c"), "\(line)")
        #expect(line.hasSuffix("%0Abecause: 100%25%0Ahint: do"), "\(line)")
        #expect(!line.contains("\n") && !line.contains("\u{1B}"))
    }

    @Test("GitHub is given ten annotations of each kind")
    func annotations() throws {
        let findings = [Rule.Severity.error, .warning, .note].flatMap { severity in
            (0..<20).map { Self.finding("\($0)", severity) }
        }
        let problems = (0..<20).map { Diagnostic(.usageMalformed, "\($0)") }
        let lines = GitHubFiles(.init([try Self.image(findings: findings)], problems: problems)).annotations
        for kind in ["error", "warning", "notice"] {
            #expect(lines.count { $0.hasPrefix("::\(kind) ") } == 10, "\(kind)")
        }
    }

    @Test("issues of GitLab are different from each other, and the worst are errors that stopped the build")
    func quality() throws {
        let images = [try Self.image("a", findings: [Self.finding("x", .warning), Self.finding("x", .warning)])]
        let problem = Diagnostic(.usageMalformed, "bad", at: .file(path: "images.yaml", line: 4))
        let issues = try #require(GitLabReports(.init(images, problems: [problem])).quality.arrayValue)
        #expect(issues.count == 3)
        #expect(Set(issues.compactMap { $0["fingerprint"]?.stringValue }).count == 3)
        #expect(issues[0]["severity"]?.stringValue == "blocker")
        #expect(issues[0]["location"]?["path"]?.stringValue == "images.yaml")
        #expect(issues[0]["location"]?["lines"]?["begin"]?.intValue == 4)
    }

    @Test("variables of GitLab have no line feed, and are left out where they are too many")
    func variables() throws {
        let many = try (0..<1000).map { try Self.image("i\($0)") }
        #expect(GitLabReports(.init(many, isBatch: true)).variables == "")
        let lines = GitLabReports(.init([try Self.image(names: ["a:1", "a:2"])])).variables.split(separator: "\n")
        #expect(
            lines.map { $0.prefix { $0 != "=" } } == [
                "CORACLE_DIGEST", "CORACLE_REFERENCE", "CORACLE_SIZE", "CORACLE_REFERENCES",
            ]
        )
    }

    @Test("several images are one result of Tekton, and too many are refused")
    func tekton() throws {
        let two = TektonResults(.init([try Self.image("a"), try Self.image("b")], isBatch: true)).results
        #expect(two.map(\.name) == ["IMAGES"])
        #expect(two[0].value.split(separator: ",").count == 2)
        let place = try TemporaryDirectory()
        let many = try (0..<100).map { try Self.image("i\($0)") }
        #expect(throws: Diagnostic.self) {
            try TektonResults(.init(many, isBatch: true)).write(into: .init(place.path))
        }
        #expect(try names(in: place.path) == [])
    }
}
