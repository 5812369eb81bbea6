import Diagnostics
import Findings
import Gate
import Hygiene
import Layers
import TestSupport
import Testing

@Suite("Junk") struct JunkCheckTests {
    private static let large = Int64(3_000_000)

    private static func findings(_ files: [MemoryRoot.File]) throws -> [Finding] {
        try JunkCheck(MemoryRoot(files)).findings()
    }

    private static func summaries(_ files: [MemoryRoot.File]) throws -> [String] {
        try findings(files).map { "\($0.rule.code): \($0.summary)" }
    }

    @Test("a git repository is refused once, whatever is in it")
    func git() throws {
        let found = try Self.findings([
            file("/app/.git/config"), file("/app/.git/objects/ab/cd"), file("/app/.git/docs/x", size: Self.large),
            file("/app/.gitignore"), file("/app/sub/.git", "gitdir: ../.git/modules/sub"),
        ])
        #expect(found.map(\.rule.code) == ["junk.git"])
        #expect(found.first?.path?.description == "/app/.git")
        #expect(found.first?.rule.severity == .error)
    }

    @Test("a core dump is known by its header, not by its name alone", arguments: [(4, true), (2, false)])
    func core(type: Int, isRefused: Bool) throws {
        let header = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9) + [UInt8(type), 0, 0x3E, 0]
        let dump = MemoryRoot.File(path: "/app/core.4711", content: header)
        #expect(try Self.findings([dump]).map(\.rule.code) == (isRefused ? ["junk.core-dump"] : []))
        #expect(try Self.findings([MemoryRoot.File(path: "/app/core.js", content: header)]).isEmpty)
    }

    @Test("caches are named, tests and documentation from one megabyte on")
    func heaps() throws {
        #expect(
            try Self.summaries([
                file("/app/.pytest_cache/v", "12"), file("/app/node_modules/.cache/a/tests/x", size: 2_000_000),
                file("/app/tests/a", size: 700_000), file("/app/node_modules/b/test/c", size: 700_000),
                file("/app/docs/a", size: 20),
            ]) == [
                "junk.tests: 1.4 MB of tests, in 2 directories", "junk.cache: 2.0 MB of caches, in 2 directories",
            ]
        )
    }

    // MARK: Node

    @Test("packages that only development needs are found by npm's own record")
    func hiddenLock() throws {
        let lock = """
            {"packages": {"node_modules/a": {}, "node_modules/b": {"dev": true}, "node_modules/@c/d": {"dev": true},
             "node_modules/gone": {"dev": true}, "node_modules/e": {"devOptional": true}}}
            """
        let found = try Self.findings([
            file("/app/package.json", "{}"), file("/app/node_modules/.package-lock.json", lock),
            file("/app/node_modules/a/x", size: 9), file("/app/node_modules/b/x", size: 1_500_000),
            file("/app/node_modules/@c/d/x", size: 2_000_000), file("/app/node_modules/e/x"),
        ])
        #expect(found.map(\.summary) == ["2 packages in `/app/node_modules`, 3.5 MB, are there for development only"])
        #expect(found.first?.reason == "`@c/d`, `b`")
    }

    @Test("without a record, what no other package needs")
    func packageJSON() throws {
        let found = try Self.findings([
            file(
                "/app/package.json",
                #"{"dependencies": {"a": "1"}, "devDependencies": {"b": "1", "c": "1", "../x": "1"}}"#
            ),
            file("/app/node_modules/a/package.json", #"{"dependencies": {"b": "1"}}"#),
            file("/app/node_modules/b/package.json", "{}"), file("/app/node_modules/c/package.json", "{}"),
        ])
        #expect(found.map(\.reason) == ["`c`"])
    }

    // MARK: Python

    @Test(
        "bytecode that Python compiled is named where its recorded time is not the source's",
        arguments: [("timestamp", 0, true), ("unchecked-hash", 0, false), ("timestamp", 1_000_000_000, false)]
    )
    func bytecode(mode: String, modified: Int64, isStale: Bool) throws {
        let place = try TemporaryDirectory()
        try Tool.python(
            """
            import compileall, os, py_compile, sys
            source = os.path.join(sys.argv[1], "a.py")
            open(source, "w").write("x = 1\\n")
            os.utime(source, (1000000000, 1000000000))
            mode = py_compile.PycInvalidationMode[sys.argv[2].upper().replace("-", "_")]
            py_compile.compile(source, cfile=os.path.join(sys.argv[1], "a.pyc"), invalidation_mode=mode)
            """,
            [place.path, mode]
        )
        let found = try Self.findings([
            MemoryRoot.File(path: "/app/a.py", content: Array("x = 1\n".utf8), modified: modified),
            MemoryRoot.File(
                path: "/app/__pycache__/a.cpython-311.pyc",
                content: try readFile(place("a.pyc")),
                modified: modified
            ),
        ])
        #expect(found.map(\.rule.code) == (isStale ? ["junk.bytecode"] : []))
        guard isStale else { return }
        #expect(found.first?.reason?.contains("of the time 1000000000, and in the image the source is of 0") == true)
    }

    // MARK: Debug information

    @Test("what `strip` would save is what it saves, to a tenth of a megabyte")
    func debugInformation() throws {
        let place = try TemporaryDirectory()
        let program = place("probe")
        try Command(
            "go",
            ["build", "-buildvcs=false", "-o", program, "."],
            environment: ["CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local"],
            directory: "\(FixtureProgram.sources)/probe",
            timeLimit: 300
        ).output()
        try Command("strip", ["-o", place("stripped"), program]).output()
        let (before, after) = (try readFile(program), try readFile(place("stripped")))
        let saved = before.count - after.count
        let found = try Self.findings([MemoryRoot.File(path: "/app/probe", mode: 0o755, content: before)])
        let said = try #require(found.first?.summary.firstMatch(of: #/save (\d+)\.(\d) MB/#))
        let tenths = try #require(Int(said.1 + said.2))
        #expect(abs(tenths - saved / 100_000) <= 1, "\(saved)")
        #expect(try Self.findings([MemoryRoot.File(path: "/app/p", mode: 0o755, content: after)]).isEmpty)
    }

    // MARK: Size

    @Test("a budget is for all layers, and names the biggest files")
    func budget() throws {
        let root = MemoryRoot([
            file("/app/a", size: 5_000_000), file("/app/b", size: 7_000_000),
            file("/lib/c", size: 6_000_000, origin: .base),
        ])
        let budget = SizeBudget(limit: 10_000_000, for: root)
        #expect(budget.finding(own: 6_000_000, base: 4_000_000) == nil)
        let finding = try #require(budget.finding(own: 6_100_000, base: 4_000_000))
        #expect(finding.summary == "the image has 10.1 MB, and may have 10.0 MB")
        #expect(finding.reason?.hasSuffix("`/app/b` 7.0 MB, `/lib/c` 6.0 MB, `/app/a` 5.0 MB") == true)
    }
}
