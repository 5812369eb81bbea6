import ByteIO
import Diagnostics
import Request
import TestSupport
import Testing

@testable import SourceBuild

@Suite("What a project states about its build")
struct SourceSettingsTests {
    private static let source = """
        package main

        import "fmt"

        var version, commit, date = "", "", ""

        func main() { fmt.Println(version, commit, date, tagged) }

        """

    private func checkout() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("go.mod", "module example.com/shop\n\ngo 1.19\n")
        try place.file("main.go", Self.source)
        try place.file("a.go", "//go:build special\n\npackage main\n\nconst tagged = true\n")
        try place.file("b.go", "//go:build !special\n\npackage main\n\nconst tagged = false\n")
        return place
    }

    private func workshop(_ place: TemporaryDirectory, _ words: SourceSettings.Words) throws -> Workshop {
        var settings = SourceSettings()
        settings.words[.go] = words
        var environment = Environment.current
        environment["GOCACHE"] = try Command("go", ["env", "GOCACHE"]).output().filter { !$0.isNewline }
        return try Workshop(
            in: FilePath(place.path),
            environment,
            isOffline: true,
            settings: settings,
            cache: nil,
            say: { _ in },
            note: { _ in }
        )
    }

    private static let words = SourceSettings.Words(
        flags: ["-buildvcs=false"],
        ldflags: ["-X main.version={version}", "-X main.commit={commit}", "-X main.date={date}"],
        tags: ["special"],
        environment: ["GOAMD64": "v1"]
    )

    @Test("linker flags, tags and variables reach the program, with what git says of the commit")
    func placeholders() async throws {
        let (place, outside) = (try checkout(), try TemporaryDirectory())
        let git = """
            git init -q . && git add -A && GIT_COMMITTER_DATE='2020-02-03T04:05:06+0200' \
            git -c user.email=a@example.com -c user.name=a commit -q -m first && git tag v1.2.3 && git rev-parse HEAD
            """
        let commit = try Command.shell(git, directory: place.path).output().filter { !$0.isNewline }
        let request = BuildRequest(paths: [FilePath(place.path)])
        let workshop = try workshop(outside, Self.words)
        defer { workshop.close() }
        let product = try await #require(SourceProject.find(request)).build(request, in: workshop)
        let printed = try Command(product.programs[0].display, []).output()
        #expect(printed == "v1.2.3 \(commit) 2020-02-03T02:05:06Z true\n")
    }

    @Test("a placeholder without a commit is an error")
    func withoutCommit() async throws {
        let (place, outside) = (try checkout(), try TemporaryDirectory())
        let request = BuildRequest(paths: [FilePath(place.path)])
        let workshop = try workshop(outside, Self.words)
        defer { workshop.close() }
        await #expect(throws: Diagnostic.self) {
            try await #require(SourceProject.find(request)).build(request, in: workshop)
        }
    }

    @Test(
        "the dependencies of a pyproject.toml are read",
        arguments: [
            (
                "[project]\ndependencies = [\"a>=1\", 'b; python_version < \"3\"']\n",
                ["a>=1", "b; python_version < \"3\""]
            ),
            ("[project]\ndependencies = [\n  \"a\", # one ]\n  \"b[c]\"\n]\noptional = [\"d\"]\n", ["a", "b[c]"]),
            ("[project]\nname = \"x\"\n[tool.other]\ndependencies = [\"a\"]\n", []),
            ("[project]\ndependencies = []\n", []), ("[project]\ndependencies = [\"a", ["a"]), ("", []),
        ]
    )
    func dependencies(text: String, expected: [String]) {
        #expect(PythonRequirements.dependencies(of: text) == expected)
    }

    // MARK: Locks of Python

    @Test(
        "what pip cannot install of a lock is an error that says why, and what writes another form",
        arguments: [
            (PythonLock.poetry, "[metadata]\nlock-version = \"2.0\"\n", "its form (2.0) does not say which packages"),
            (.poetry, "[[package]]\nname = \"a\nversion\n", "it is malformed"),
            (.poetry, "[[package]]\nname = \"a\"\nversion = \"1\"\nfiles = []\n", "it states no hash of `a`"),
            (.poetry, "[[package]]\nname = \"-r x\"\nversion = \"1\"\n", "no name or version that pip reads: `-r x`"),
            (
                .poetry, "[[package]]\nname = \"a\"\nversion = \"1\"\n[package.source]\ntype = \"git\"\n",
                "`a` is from a git repository, which has no hash"
            ),
            (.pdm, "[metadata]\nstrategy = []\n", "it was written without `inherit_metadata`"),
            (.pipenv, "{", ""), (.pipenv, #"{"default": {"a": {"git": "x"}}}"#, "`a` is from a git repository"),
            (
                .pipenv, ##"{"default": {"a": {"version": "==1", "hashes": ["sha256:00"], "markers": "x # --hash"}}}"##,
                "the condition of `a` is malformed"
            ),
        ]
    )
    func unreadableLocks(lock: PythonLock, text: String, reason: String) throws {
        let whole =
            lock == .poetry && !text.contains("lock-version") ? text + "[metadata]\nlock-version = \"2.1\"\n" : text
        let error = try #require(throws: Diagnostic.self) { try lock.requirements(of: Array(whole.utf8)) }
        #expect(error.code.rawValue == "source.lock-form")
        #expect(error.reason?.contains(reason) ?? false, "\(error)")
        #expect(error.hint?.contains(" requirements.txt`") ?? false, "\(error)")
    }

    @Test("packages of several conditions and groups become lines for pip, each once")
    func lines() throws {
        let text = """
            [[package]] # a comment
            name = "a"
            version = "1.0"
            description = "says \\"hi\\" \\u00e9"
            optional = false
            groups = ["dev", "main"]
            markers = {dev = "python_version < \\"3\\"", main = "python_version >= '3'"}
            files = [
                {file = "a.whl", hash = "sha256:01"},
                {file = "a.tar.gz", hash = "md5:02"}, # not taken
            ]

            [package.dependencies]
            b = {version = ">=1", markers = "x"}

            [[package]]
            name = "b"
            version = "2"
            optional = true
            groups = ["main"]
            files = [{file = "b.whl", hash = "sha256:03"}]

            [metadata]
            lock-version = "2.1"
            """
        let found = try PythonLock.poetry.requirements(of: Array(text.utf8))
        #expect(found == ["a==1.0 ; python_version >= '3' --hash=sha256:01"])
    }

    @Test(
        "malformed TOML is not read, however deep it is",
        arguments: ["a", "a =", "a = [1", "a = {b = 1", "a = \"", "[a", "[[a]", "a = 1 2", "a = \"\\ud800\"", "= 1"]
    )
    func malformed(text: String) {
        #expect(TOMLDocument(Array(text.utf8)) == nil)
        #expect(TOMLDocument(Array("a = \(String(repeating: "[", count: 100_000))".utf8)) == nil)
    }
}
