import Debian
import Diagnostics
import TestSupport
import Testing

@Suite("What packages need of others")
struct DependencyTests {
    /// A list of packages from lines `NAME VERSION: RELATIONS; FIELD: VALUE; …`.
    private static func index(_ lines: [String]) throws -> DependencyIndex {
        var text = ""
        for line in lines {
            let parts = line.split(separator: ": ", maxSplits: 1).map(String.init)
            let words = parts[0].split(separator: " ")
            text +=
                "Package: \(words[0])\nVersion: \(words[1])\nArchitecture: \(words.count > 2 ? words[2] : "amd64")\n"
            for (number, field) in (parts.count > 1 ? parts[1] : "").split(separator: "; ").enumerated() {
                text += number == 0 && !field.contains(": ") ? "Depends: \(field)\n" : "\(field)\n"
            }
            text += "Description: a test\n more of it\n\n"
        }
        var index = DependencyIndex(architecture: "amd64")
        try index.add(PackageIndexTests.file(text))
        return index
    }

    private static func closure(
        _ lines: [String],
        of roots: [String],
        besides present: [String] = [],
        without excluded: Set<String> = []
    ) throws -> [String] {
        var index = try index(lines)
        let closure = try DependencyClosure(of: roots, besides: present, without: excluded, in: &index)
        return closure.members.map { "\($0.name) < \($0.dependent): \($0.relation)" }
    }

    @Test(
        "dependencies are followed as Debian means them",
        arguments: [
            (["aa 1: bb", "bb 1: cc", "cc 1"], ["bb < aa: bb", "cc < bb: cc"]),
            // Nearest first, and each once.
            (["aa 1: bb, cc", "bb 1: dd", "cc 1: dd", "dd 1"], ["bb < aa: bb", "cc < aa: cc", "dd < bb: dd"]),
            // What is needed before comes first.
            (["aa 1: bb; Pre-Depends: cc", "bb 1", "cc 1"], ["cc < aa: cc", "bb < aa: bb"]),
            // The first alternative that is there.
            (["aa 1: gone | bb | cc", "bb 1", "cc 1"], ["bb < aa: bb"]),
            (["aa 1: bb (>= 2) | cc", "bb 1", "cc 1"], ["cc < aa: cc"]),
            (["aa 1: cc, bb | cc", "bb 1", "cc 1"], ["cc < aa: cc"]),
            (["aa 1: bb:any (>= 1~)", "bb 1"], ["bb < aa: bb (>= 1~)"]),
            (["aa 1: bb (= 1-1), bb (<< 2), bb (>> 0), bb (<= 1-1)", "bb 1-1"], ["bb < aa: bb (= 1-1)"]),
            // The newest version counts, and other architectures do not.
            (
                ["aa 1: bb", "bb 1: cc", "bb 2: dd", "bb 3 arm64: cc", "cc 1", "dd 1 all"],
                ["bb < aa: bb", "dd < bb: dd"]
            ),
            // Names that packages provide.
            (["aa 1: vv", "bb 1: ; Provides: vv"], ["bb < aa: vv, which it provides"]),
            (
                ["aa 1: vv (>= 2)", "bb 9: ; Provides: vv", "cc 1: ; Provides: vv (= 2)"],
                ["cc < aa: vv (>= 2), which it provides"]
            ),
            (
                ["aa 1: vv", "bb 1: ; Provides: vv", "cc 1: ; Priority: required; Provides: vv"],
                ["cc < aa: vv, which it provides"]
            ),
            (["aa 1: bb, vv", "bb 1: ; Provides: ww, vv"], ["bb < aa: bb"]),
            // Circles end.
            (["aa 1: bb", "bb 1: aa, cc", "cc 1: bb"], ["bb < aa: bb", "cc < bb: cc"]),
            (["aa 1: aa"], []),
        ]
    )
    func followed(lines: [String], closure: [String]) throws {
        #expect(try Self.closure(lines, of: ["aa"]) == closure)
    }

    @Test("what is there anyhow is not followed, and what is left out, and only that needs, is not taken")
    func without() throws {
        let lines = ["aa 1: bb, cc | xx, vv", "bb 1: dd", "cc 1: ee", "dd 1", "ee 1", "xx 1", "pp 1: ; Provides: vv"]
        #expect(
            try Self.closure(lines, of: ["aa"], besides: ["bb"]) == [
                "cc < aa: cc", "pp < aa: vv, which it provides", "ee < cc: ee",
            ]
        )
        #expect(try Self.closure(lines, of: ["aa"], without: ["bb", "pp"]) == ["cc < aa: cc", "ee < cc: ee"])
        // Who leaves out one of several alternatives wants none of them.
        #expect(try Self.closure(lines, of: ["aa"], without: ["bb", "xx", "pp"]) == [])
    }

    @Test(
        "what cannot be had is reported with what there is",
        arguments: [
            (["aa 1: bb (>= 2)", "bb 1"], [], "`aa` 1 needs `bb (>= 2)`", "`bb` is 1"),
            (["aa 1: bb | cc"], [], "`aa` 1 needs `bb | cc`", "there is no `bb`, and there is no `cc`"),
            (["aa 1"], ["lib1"], "there is no package `lib1`", "the index has none of this name for `amd64`"),
        ]
    )
    func missing(lines: [String], excluded: [String], summary: String, reason: String) {
        do {
            _ = try Self.closure(lines, of: ["aa"], without: Set(excluded))
            Issue.record("it was found")
        } catch {
            #expect((error as? Diagnostic)?.summary == summary)
            #expect((error as? Diagnostic)?.reason == reason)
            #expect((error as? Diagnostic)?.code.category == .notFound)
        }
    }

    @Test("a name that is spelt wrong gets the nearest one")
    func nearest() throws {
        #expect {
            try Self.closure(["libicu76 1", "libicu-dev 1", "aa 1"], of: ["libicu67"])
        } throws: {
            ($0 as? Diagnostic)?.hint == "did you mean `libicu76`?"
        }
    }

    @Test(
        "a field that is damaged is refused",
        arguments: [
            "bb (", "bb (>= )", "bb (~ 1)", "bb |", "| bb", "B1", "bb [amd64]", "bb >= 1", "bb (>= 1) c", "../b", "b",
        ]
    )
    func damaged(field: String) {
        #expect {
            try PackageRelations(parsing: field)
        } throws: {
            ($0 as? Diagnostic)?.code == .debianRelationMalformed
        }
    }

    @Test("a chain of 1,500 packages is followed, one of more than the limit is refused")
    func many() throws {
        func lines(_ count: Int) -> [String] { (0..<count).map { "p\($0) 1: p\($0 + 1)" } + ["p\(count) 1"] }
        #expect(try Self.closure(lines(1_500), of: ["p0"]).count == 1_500)
        #expect {
            try Self.closure(lines(DependencyClosure.limit + 1), of: ["p0"])
        } throws: {
            ($0 as? Diagnostic)?.code == .packagesTooMany
        }
    }
}
