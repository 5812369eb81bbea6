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
}
