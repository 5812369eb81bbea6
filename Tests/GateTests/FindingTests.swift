import Diagnostics
import Findings
import Gate
import Layers
import Testing

@Suite struct FindingTests {
    @Test("a finding is reported as an error of policy, with where, why and what to do")
    func diagnostic() {
        let rule = Rule("run.loader-missing", .error, "a program's loader is missing")
        let path = EntryPath(unchecked: Array("app/server".utf8))
        let finding = Finding(
            rule,
            "`/app/server` cannot start",
            in: path,
            because: "no loader",
            hint: "link it statically"
        )
        let diagnostic = finding.diagnostic
        #expect(diagnostic.code == Diagnostic.Code("run.loader-missing", .policy))
        #expect(diagnostic.subject == .file(path: "/app/server"))
        #expect(diagnostic.reason == "no loader")
        #expect(diagnostic.hint == "link it statically")
    }
}
