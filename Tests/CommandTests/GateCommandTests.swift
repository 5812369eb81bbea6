import TestSupport
import Testing

@Suite("Checking images")
struct GateCommandTests {
    private let place: TemporaryDirectory
    private let program: String

    init() throws {
        place = try TemporaryDirectory()
        program = try FixtureProgram("hello-c", .dynamicC).path()
    }

    private func coracle(_ arguments: String...) throws -> Outcome {
        try Built.coracle(
            arguments,
            environment: ["CORACLE_CACHE": place("cache")],
            directory: place.path
        ).run()
    }

    @Test("a program that cannot start refuses the image with 9, and nothing is written")
    func refused() throws {
        let outcome = try coracle("build", program, "-o", "image")
        #expect(outcome.end == .exited(9))
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("error[run.loader-missing]"))
        #expect(try Command("ls", ["-A", place.path]).output() == "")
    }

    @Test("an allowed finding is told, recorded, and found again in the image")
    func allowed() throws {
        let built = try coracle("build", program, "-o", "image", "--allow", "run.loader-missing")
        #expect(built.end == .exited(0))
        #expect(built.errors.contains("allowed[run.loader-missing]"))
        let inspected = try coracle("inspect", "image").output
        #expect(inspected.contains("dev.coracle.gate.excused=run.loader-missing /app/hello-c"))
        let checked = try coracle("check", "image")
        #expect(checked.end == .exited(9))
        #expect(checked.output.contains("error[run.loader-missing]: `/app/hello-c`"))
        #expect(try coracle("check", "image", "--allow", "run.loader-missing").end == .exited(0))
    }

    @Test("without a check there is a record of that")
    func skipped() throws {
        #expect(try coracle("build", program, "-o", "image", "--no-check").end == .exited(0))
        #expect(try coracle("inspect", "image").output.contains("dev.coracle.gate.skipped=true"))
    }

    @Test(
        "a code that no rule has is a mistake, and the nearest are proposed",
        arguments: [
            ("run.loader-mising", "did you mean `run.loader-missing`?"), ("loader-missing", "`run.loader-missing`"),
            ("x", "a code stands in the brackets"),
        ]
    )
    func unknown(code: String, hint: String) throws {
        for arguments in [["build", program], ["check", program]] {
            let outcome = try Built.coracle(arguments + ["--allow", code], directory: place.path).run()
            #expect(outcome.end == .exited(2))
            #expect(outcome.errors.contains("there is no rule `\(code)`"))
            #expect(outcome.errors.contains(hint), "\(outcome.errors)")
        }
    }

    @Test("a program is checked as it would stand in an image, which is not made")
    func unmade() throws {
        let outcome = try coracle("check", program)
        #expect(outcome.end == .exited(9))
        #expect(outcome.output.contains("/app/hello-c linux/amd64: 1 error"))
        #expect(try Command("ls", ["-A", place.path]).output() == "")
        let json = try coracle("check", program, "--json").output
        #expect(try Tool.python("import json,sys; print(json.loads(sys.argv[1])['refused'])", [json]) == "True\n")
    }

    @Test("a mistyped path is no image of Docker Hub")
    func mistyped() throws {
        let outcome = try coracle("check", "sevrer")
        #expect(outcome.end == .exited(7))
        #expect(outcome.errors.contains("docker://sevrer"))
    }

    @Test("the log for code scanners has what SARIF 2.1.0 requires")
    func sarif() throws {
        try place.file("tree/with space", try readFile(program), mode: 0o755)
        let outcome = try coracle("check", "tree", "--sarif", "--allow", "run.packed")
        #expect(outcome.end == .exited(9))
        // §§ 3.13 to 3.29: the properties that "SHALL" be there, and what they may be.
        try Tool.python(
            """
            import json, sys
            from urllib.parse import unquote
            log = json.loads(sys.argv[1])
            assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
            [run] = log["runs"]
            driver = run["tool"]["driver"]
            assert driver["name"] == "coracle" and driver["version"]
            ids = [rule["id"] for rule in driver["rules"]]
            assert len(set(ids)) == len(ids) == 1
            assert run["results"]
            for result in run["results"]:
                assert result["message"]["text"]
                assert result["level"] in ("none", "note", "warning", "error")
                assert ids[result["ruleIndex"]] == result["ruleId"]
                for location in result["locations"]:
                    physical = location["physicalLocation"]
                    assert physical["region"]["startLine"] == 1
                    artifact = physical["artifactLocation"]
                    assert artifact["uriBaseId"] in run["originalUriBaseIds"]
                    assert " " not in artifact["uri"] and unquote(artifact["uri"]) == "app/with space"
            """,
            [outcome.output]
        )
    }
}
