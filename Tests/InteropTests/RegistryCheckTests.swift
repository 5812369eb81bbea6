import TestSupport
import Testing

@Suite("Checking what is in a registry")
struct RegistryCheckTests {
    /// `coracle` with what leads to `registry`, whatever comes of it.
    private func run(_ arguments: [String], _ registry: RegistryUnderTest, in place: TemporaryDirectory) throws
        -> Outcome
    {
        try withExtendedLifetime(registry) {
            try Built.coracle(arguments, environment: registry.credentials.environment, directory: place.path).run()
        }
    }

    @Test(
        "an image is checked by its reference, with the digest that was pushed",
        arguments: [RegistryUnderTest.Kind.anonymous, .token]
    )
    func image(kind: RegistryUnderTest.Kind) throws {
        let registry = try RegistryUnderTest(kind)
        let place = try TemporaryDirectory()
        let program = try FixtureProgram("hello-c", .dynamicC).path()
        let digest = try Images.digest(
            registry.coracle(
                ["build", program, "-t", registry("me/hello:1"), "--push", "--allow", "run.loader-missing"],
                in: place
            )
        )
        let outcome = try run(["check", registry("me/hello:1")], registry, in: place)
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        #expect(outcome.output.contains("error[run.loader-missing]: `/app/hello-c`"), "\(outcome.output)")
        #expect(outcome.output.hasSuffix("\(registry("me/hello:1")) linux/amd64: 1 error\n"), "\(outcome.output)")
        let pinned = "\(registry("me/hello"))@\(digest)"
        let allowed = try run(["check", pinned, "--allow", "run.loader-missing", "--json"], registry, in: place)
        #expect(allowed.end == .exited(0), "\(allowed.errors)")
        let script = """
            import json, sys
            log = json.loads(sys.argv[1])
            image, = log["images"]
            print(log["refused"], image["digest"], [(f["code"], f.get("allowed")) for f in image["findings"]])
            """
        #expect(
            try Tool.python(script, [allowed.output]) == "False \(digest) [('run.loader-missing', True)]\n",
            "\(allowed.output)"
        )
        #expect(try names(in: place.path) == [])
        let absent = try run(["check", registry("me/none:1")], registry, in: place)
        #expect(absent.end == .exited(7), "\(absent.errors)")
    }

    @Test(
        "a program is checked for a base in a registry, and no image is made",
        arguments: [("debian13/base-nossl", Int32(0), "nothing found"), ("debian13/static", 9, "1 error")]
    )
    func base(name: String, code: Int32, says: String) throws {
        let registry = try RegistryUnderTest(.anonymous)
        let place = try TemporaryDirectory()
        try registry.coracle(["push", try RealBases.layout(of: name), registry("base:1")], in: place)
        let program = try FixtureProgram("hello-c", .dynamicC).path()
        let outcome = try run(["check", program, "--base", registry("base:1")], registry, in: place)
        #expect(outcome.end == .exited(code), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.hasSuffix("/app/hello-c linux/amd64: \(says)\n"), "\(outcome.output)")
        #expect(try names(in: place.path) == [])
    }
}
