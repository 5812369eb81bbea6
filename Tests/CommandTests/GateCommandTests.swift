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
        #expect(try names(in: place.path).filter { $0 != "cache" } == [])
    }

    @Test("an allowed finding is reported, recorded, and found again in the image")
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

    @Test(
        "a rule is allowed for one file or directory, and for nothing else",
        arguments: [("/app/hello-c", 0), ("/app", 0), ("/usr", 9), ("libc.so.6", 9)] as [(String, Int32)]
    )
    func allowedPlace(place name: String, status: Int32) throws {
        let allowance = "run.loader-missing=\(name)"
        #expect(try coracle("build", program, "-o", "image", "--allow", allowance).end == .exited(status))
        #expect(try coracle("check", program, "--allow", allowance).end == .exited(status))
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

    @Test(
        "a malformed option is the only error: nothing is reported about an image that was not asked for",
        arguments: [["--base", "Bad:::x"], ["--add", "x"], ["--entrypoint", "[1]"], ["--platform", "linux"]]
    )
    func misunderstood(options: [String]) throws {
        let outcome = try Built.coracle(["build", program] + options, directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.matches(of: #/error\[/#).count == 1, "\(outcome.errors)")
        #expect(!outcome.errors.contains("[run."), "\(outcome.errors)")
    }

    @Test("a program is checked as it would stand in an image, which is not made")
    func unmade() throws {
        let outcome = try coracle("check", program)
        #expect(outcome.end == .exited(9))
        #expect(outcome.output.contains("/app/hello-c linux/amd64: 1 error"))
        #expect(try names(in: place.path).filter { $0 != "cache" } == [])
        let json = try coracle("check", program, "--json").output
        #expect(try Tool.python("import json,sys; print(json.loads(sys.argv[1])['refused'])", [json]) == "True\n")
    }

    @Test("a mistyped path does not become an image of Docker Hub")
    func mistyped() throws {
        let outcome = try coracle("check", "sevrer")
        #expect(outcome.end == .exited(7))
        #expect(outcome.errors.contains("docker://sevrer"))
    }
}
