import Findings
import Gate
import TestSupport
import Testing

@Suite("Rules")
struct RuleTests {
    private static let document: String = {
        let folders = #filePath.split(separator: "/").dropLast(3)
        return "/" + folders.joined(separator: "/") + "/Documentation/rules.md"
    }()

    @Test("every rule has its page, with summary, reason and hint, and every page belongs to a rule")
    func pages() throws {
        let text = String(decoding: try readFile(Self.document), as: UTF8.self)
        let sections = text.split(separator: "\n## ").dropFirst()
        let codes = sections.map { section in section.prefix { $0 != "\n" }.filter { $0 != "`" } }
        #expect(codes.sorted() == Rule.all.map(\.code))
        for section in sections {
            for word in ["**Summary**", "**Because**", "**Hint**"] {
                #expect(section.contains(word), "\(section.prefix(30)) has no \(word)")
            }
            let code = section.prefix { $0 != "\n" }.filter { $0 != "`" }
            let severity = Rule.named(code).map { "\($0.severity)" } ?? ""
            #expect(section.contains("\n\(severity). "), "\(code) is \(severity)")
        }
    }

    @Test("no code is there twice, and each has a family and a title in one line")
    func codes() {
        #expect(Set(Rule.all.map(\.code)).count == Rule.all.count)
        for rule in Rule.all {
            #expect(rule.code.wholeMatch(of: #/[a-z]+\.[a-z]+(-[a-z]+)*/#) != nil, "\(rule.code)")
            #expect(!rule.title.isEmpty && !rule.title.contains("\n") && !rule.title.hasSuffix("."))
        }
    }
}
