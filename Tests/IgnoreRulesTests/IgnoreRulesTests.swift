import Diagnostics
import SourceTree
import Testing

/// What an ignore file says of one path.
struct Case: CustomTestStringConvertible, Sendable {
    let file: String
    let path: String
    let isExcluded: Bool

    init(_ file: String, _ path: String, _ isExcluded: Bool) {
        self.file = file
        self.path = path
        self.isExcluded = isExcluded
    }

    var testDescription: String {
        "\(file.debugDescription) \(isExcluded ? "excludes" : "keeps") \(path.debugDescription)"
    }
}

func rules(_ text: String) throws -> IgnoreRules { try IgnoreRules(parsing: Array(text.utf8), named: ".ignore") }

@Suite("Ignore rules")
struct IgnoreRulesTests {
    @Test(
        "a pattern matches what Go's filepath.Match matches",
        arguments: [
            Case("abc", "abc", true), Case("abc", "abd", false), Case("abc", "ab", false), Case("abc", "abcd", false),
            Case("*", "abc", true), Case("*c", "abc", true), Case("a*", "a", true), Case("a*", "abc", true),
            Case("a*/b", "abc/b", true), Case("a*/b", "a/c/b", false),
            Case("a*b*c*d*e*/f", "axbxcxdxe/f", true), Case("a*b*c*d*e*/f", "axbxcxdxexxx/f", true),
            Case("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false), Case("a*b*c*d*e*/f", "axbxcxdxexxx/fff", false),
            Case("a*b?c*x", "abxbbxdbxebxczzx", true), Case("a*b?c*x", "abxbbxdbxebxczzy", false),
            Case("ab[c]", "abc", true), Case("ab[b-d]", "abc", true), Case("ab[e-g]", "abc", false),
            Case("ab[^c]", "abc", false), Case("ab[^b-d]", "abc", false), Case("ab[^e-g]", "abc", true),
            Case("a\\*b", "a*b", true), Case("a\\*b", "ab", false), Case("a\\\\", "a\\", true),
            Case("\\d", "d", true), Case("\\d", "7", false), Case("[*]", "*", true), Case("[*]", "a", false),
            Case("a?b", "a☺b", true), Case("a[^a]b", "a☺b", true), Case("a???b", "a☺b", false),
            Case("a[^a][^a][^a]b", "a☺b", false), Case("[a-ζ]*", "α", true), Case("*[a-ζ]", "A", false),
            Case("a?b", "a/b", false), Case("a*b", "a/b", false), Case("a[^x]b", "a/b", true),
            Case("[\\]a]", "]", true), Case("[\\-x]", "-", true), Case("[x\\-]", "z", false), Case("*x", "xxx", true),
            Case(".*", ".foo", true), Case(".*", "foo", false), Case("abc.def", "abcZdef", false),
            Case("abc?def", "abcZdef", true), Case("abc?def", "abcdef", false), Case("a]", "a]", true),
            Case("a.|)$(}+{bc", "a.|)$(}+{bc", true), Case("[!a]", "a", true), Case("[!a]", "b", false),
        ]
    )
    func goPatterns(row: Case) throws {
        #expect(try rules(row.file).excludes(Array(row.path.utf8)) == row.isExcluded)
    }

    @Test(
        "`**` is any number of directories, and everything at the end",
        arguments: [
            Case("**", "file", true), Case("**/", "file", true), Case("**", "dir/file", true),
            Case("**/**", "dir/file", true), Case("dir/**", "dir/file", true), Case("dir/**", "dir/dir2/file", true),
            Case("dir/**", "dir", false), Case("dir/**", "dir2/file", false), Case("**/dir", "dir", true),
            Case("**/dir", "a/b/dir", true), Case("**/dir", "dir/file", true), Case("**/dir", "adir", false),
            Case("**/dir2/*", "dir/dir2/file", true), Case("**/dir2/**", "dir/dir2/dir3/file", true),
            Case("**/dir2/**", "dir2", false), Case("**file", "file", true), Case("**file", "dir/afile", true),
            Case("**file*", "dir/afile", false), Case("**/file*txt", "dir/dir/file.txt", true),
            Case("**/file*.txt*", "dir/dir/file.txt", true), Case("**/**/*.txt", "dir/dir/file.txt", true),
            Case("**/**/*.txt2", "dir/dir/file.txt", false), Case("**/*.txt", "file.txt", true),
            Case("a**/*.txt", "a/file.txt", true), Case("a**/*.txt", "a/dir/dir/file.txt", true),
            Case("a**/*.txt", "afile.txt", true), Case("a**/*.txt", "ab/file.txt", true),
            Case("a/*.txt", "a/dir/file.txt", false), Case("a/*.txt**", "a/file.txt", true),
            Case("**/foo/bar", "foo/bar", true), Case("**/foo/bar", "dir/dir2/foo/bar", true),
            Case("**/foo/bar", "dir/xfoo/bar", false), Case("**/.foo", "bar.foo", false),
            Case("a/**/b", "a/b", true), Case("a/**/b", "a/x/y/b", true), Case("a/**/b", "a/xb", false),
            Case("***", "a/b", true), Case("a***c", "abc", true), Case("a***c", "a/b/c", true),
        ]
    )
    func doubleStar(row: Case) throws {
        #expect(try rules(row.file).excludes(Array(row.path.utf8)) == row.isExcluded)
    }

    @Test(
        "the last line that applies decides, and a directory's lines apply below it",
        arguments: [
            Case("docs", "docs/a/b.md", true), Case("docs/", "docs/README.md", true),
            Case("docs\n!docs/README.md", "docs/README.md", false), Case("docs\n!docs/README.md", "docs/x", true),
            Case("docs/*\n!docs/README.md", "docs/README.md", false), Case("*.go\n!a.go", "a.go", false),
            Case("!a.go\n*.go", "a.go", true), Case("*\n!src", "src/main.c", false), Case("*\n!src", "x", true),
            Case("*\n!src\nsrc/*.o", "src/a.o", true), Case("*\n!src\nsrc/*.o\n!src/keep.o", "src/keep.o", false),
            Case("**\n!util/docker/web", "util/docker/web/foo", false),
            Case("**\n!util/docker/web\nutil/docker/web/foo", "util/docker/web/foo", true),
            Case("**\n!dist/*.whl", "dist/proxy.py-2.4.0rc3+g08acad9-py3-none-any.whl", false),
            Case("!a", "a", false), Case("a\n!**", "a/b", false),
            // Docker's answers, which follow from its looking at `a` before `a/b`.
            Case("a/b\n!a", "a/b", true), Case("a\n!a/b\na", "a/b", false), Case("a\n!a", "a/b", false),
        ]
    )
    func exceptions(row: Case) throws {
        #expect(try rules(row.file).excludes(Array(row.path.utf8)) == row.isExcluded)
    }

    @Test(
        "a line is trimmed, cleaned and made relative",
        arguments: [
            Case("", "a", false), Case("\n\n \t\n", "a", false), Case("# a\na", "a", true), Case("#a", "#a", false),
            Case(" #a", "#a", true), Case("  a \t\r\nb", "a", true), Case("a\r\nb\r\n", "b", true),
            Case("\u{FEFF}a", "a", true), Case("\u{FEFF}#a\nb", "#a", false), Case("a\n\u{FEFF}b", "b", false),
            Case("\u{3000}a\u{A0}", "a", true), Case("/a", "a", true), Case("//a//b/", "a/b", true),
            Case("./a/../b", "b", true), Case("../a", "a", false), Case(".", "a", false), Case("/", "a", false),
            Case("a\n! /a", "a", false), Case("*\n!./b/.", "b", false), Case("a b", "a b", true),
            Case("*\n/!a", "a", false), Case("a\n!!a", "!a", false), Case("!!a\n*", "!a", true),
        ]
    )
    func lines(row: Case) throws {
        #expect(try rules(row.file).excludes(Array(row.path.utf8)) == row.isExcluded)
    }

    @Test("names that are not UTF-8 are matched byte by byte")
    func bytes() throws {
        let rules = try IgnoreRules(
            parsing: Array("a".utf8) + [0xFF, 0x0A] + Array("?.x\n".utf8) + [0xC3, 0x2A],
            named: "x"
        )
        #expect(rules.excludes([0x61, 0xFF]))
        #expect(!rules.excludes([0x61, 0xFE]))
        #expect(rules.excludes([0x80] + Array(".x".utf8)))
        #expect(rules.excludes([0xC3, 0x28]))
        #expect(!rules.excludes(Array("é".utf8)))
    }

    @Test(
        "a bad pattern is refused with its line",
        arguments: [
            "[", "[^", "[^bc", "a[", "[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "\\", "!", "! ", "!/", "[z-a]",
            "*[", "a*\\", "!a[", "[a-", "[\\",
        ]
    )
    func malformed(pattern: String) throws {
        let failure = #expect(throws: Diagnostic.self) { try rules("ok\n\n# comment\n\(pattern)\nok") }
        #expect(failure?.code.rawValue == "ignore.malformed")
        #expect(failure?.code.category == .input)
        #expect(failure?.subject == .file(path: ".ignore", line: 4))
    }

    @Test("a pattern longer than any path is refused")
    func longPattern() throws {
        #expect(throws: Diagnostic.self) { try rules(String(repeating: "a", count: 4097)) }
        #expect(try rules(String(repeating: "a", count: 4096)).excludes([UInt8](repeating: 0x61, count: 4096)))
    }

    @Test(
        "an excluded directory is walked only if an exception may apply below it",
        arguments: [
            ("a", "a", false), ("a\n!b", "a", false), ("a\n!a/b", "a", true), ("a\n!a/b", "a/c", false),
            ("a\n!a/b/c", "a/b", true), ("*\n!*.md", "a", false), ("*\n!**/*.md", "a", true), ("!a/b\na", "a", false),
            ("*\n!src/**", "src", true), ("*\n!src/**", "srcs", false), ("*\n!a/*/c", "a/b", true),
            ("*\n!a/*/c", "a/b/d", false), ("*\n!a/?", "b", false), ("*\n!**/x", "b/c", true),
            ("a\n!\(String(repeating: "?", count: 70))/b", "a", false),
            ("a*\n!a\(String(repeating: "?", count: 70))/b", "a\(String(repeating: "é", count: 70))", true),
        ]
    )
    func walking(text: String, directory: String, isWalked: Bool) throws {
        let rules = try rules(text)
        #expect(rules.mayContainIncluded(below: Array(directory.utf8)) == isWalked)
    }

    @Test("patterns of more than 64 characters match as short ones do")
    func longPatterns() throws {
        let name = String(repeating: "ab", count: 100)
        #expect(try rules("x/*/\(name)*c/**/\(name)?").excludes(Array("x/y/\(name)ddc/\(name)é".utf8)))
        #expect(try rules("x/*/\(name)*c/**/\(name)?").excludes(Array("x/y/\(name)c/1/2/\(name)e/below".utf8)))
        #expect(try !rules("x/*/\(name)*c/**/\(name)?").excludes(Array("x/y/\(name)ddc/\(name)".utf8)))
        // The step over `**/` at each place of the machine word.
        for length in 55...70 {
            let front = String(repeating: "a", count: length)
            let rules = try rules("?\(front)**/b*c")
            #expect(rules.excludes(Array("x\(front)bc".utf8)), "\(length)")
            #expect(rules.excludes(Array("x\(front)d/e/b-c/f".utf8)), "\(length)")
            #expect(!rules.excludes(Array("x\(front)d/e/-bc".utf8)), "\(length)")
        }
    }

    @Test(
        "matching takes time in proportion to the path, whatever the pattern",
        arguments: [
            String(repeating: "*a", count: 500) + "*b", String(repeating: "**/", count: 300) + "*a*/x",
            String(repeating: "**/a*/", count: 200) + "x", String(repeating: "*?", count: 1000) + "b",
        ]
    )
    func hostilePattern(pattern: String) throws {
        let rules = try rules(pattern)
        let time = try ContinuousClock().measure {
            try #require(!rules.excludes([UInt8](repeating: 0x61, count: 4000)))
            try #require(!rules.excludes(Array(String(repeating: "a/", count: 2000).utf8) + [0x61]))
        }
        // Backtracking would take longer than the universe has; a debug build takes far less than a second.
        #expect(time < .seconds(10))
    }

    @Test("a path deeper than a machine word has bits is decided as a shallow one")
    func deepPath() throws {
        let deep = String(repeating: "d/", count: 200)
        let rules = try rules("**/x\n!**/y\n**/z")
        #expect(rules.excludes(Array("\(deep)x/\(deep)a".utf8)))
        #expect(!rules.excludes(Array("\(deep)x/\(deep)y/a".utf8)))
        #expect(rules.excludes(Array("\(deep)x/\(deep)y/\(deep)z".utf8)))
    }
}
