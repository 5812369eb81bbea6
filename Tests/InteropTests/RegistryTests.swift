import TestSupport
import Testing

@Suite("coracle, a registry and skopeo agree")
struct RegistryTests {
    @Test(
        "what coracle builds and pushes, skopeo pulls, with the digest that was printed",
        arguments: RegistryUnderTest.Kind.allCases
    )
    func push(kind: RegistryUnderTest.Kind) throws {
        let registry = try RegistryUnderTest(kind)
        let place = try TemporaryDirectory()
        let program = try FixtureProgram.go("probe").path()
        let printed = try registry.coracle(["build", program, "-t", registry("me/probe:1"), "--push"], in: place)
        #expect(try printed == "\(registry("me/probe:1"))@\(Images.digest(printed))\n")
        #expect(try names(in: place.path) == [])
        try registry.skopeoCopy("docker://\(registry("me/probe:1"))", "oci:\(place("image")):1")
        let digest = try Command("skopeo", ["inspect", "--format", "{{.Digest}}", "oci:\(place("image")):1"]).output()
        #expect(try digest == "\(Images.digest(printed))\n")
        #expect(try LayoutState(of: place("image")) == LayoutState(tags: ["1"]))
    }

    @Test("what skopeo pushes, coracle pulls, byte for byte", arguments: RegistryUnderTest.Kind.allCases)
    func pull(kind: RegistryUnderTest.Kind) throws {
        let registry = try RegistryUnderTest(kind)
        let place = try TemporaryDirectory()
        let digest = try Images.digest(Images.forTwoPlatforms(in: place))
        try registry.skopeoCopy("oci:\(place("image")):1", "docker://\(registry("me/probe:1"))", ["--all"])
        let printed = try registry.coracle(["pull", registry("me/probe:1"), "-o", "pulled"], in: place)
        #expect(printed == "\(registry("me/probe:1"))@\(digest)\n")
        #expect(try LayoutState(of: place("pulled")).unreferenced == [])
        #expect(try names(in: place("pulled/blobs/sha256")) == names(in: place("image/blobs/sha256")))
        #expect(try registry.coracle(["digest", registry("me/probe:1")], in: place) == "\(digest)\n")
        #expect(try registry.coracle(["tags", registry("me/probe")], in: place) == "1\n")
    }

    @Test("an index is pushed with all its platforms, and one platform is pulled out of it")
    func index() throws {
        let registry = try RegistryUnderTest(.anonymous)
        let place = try TemporaryDirectory()
        let digest = try Images.digest(Images.forTwoPlatforms(in: place))
        #expect(
            try registry.coracle(["push", "image", registry("me/probe:1")], in: place)
                == "\(registry("me/probe:1"))@\(digest)\n"
        )
        try registry.skopeoCopy("docker://\(registry("me/probe:1"))", "oci:\(place("all")):1", ["--all"])
        #expect(try names(in: place("all/blobs/sha256")) == names(in: place("image/blobs/sha256")))
        try registry.coracle(["pull", registry("me/probe:1"), "--platform", "linux/arm64", "-o", "arm.tar"], in: place)
        let config = try Command("skopeo", ["inspect", "--config", "oci-archive:\(place("arm.tar"))"]).output()
        #expect(config.contains("arm64"))
    }

    @Test("a second push sends no blob")
    func again() throws {
        let registry = try RegistryUnderTest(.anonymous)
        let place = try TemporaryDirectory()
        try Images.probe(in: place)
        try registry.coracle(["push", "image", registry("me/probe:1")], in: place)
        let before = try registry.requests.count
        try registry.coracle(["push", "image", registry("me/probe:2")], in: place)
        let requests = try registry.requests.dropFirst(before)
        #expect(!requests.contains { $0.target.contains("/blobs/uploads") }, "\(requests)")
        #expect(requests.contains(.init("PUT", "/v2/me/probe/manifests/2", 201)))
    }

    @Test("blobs that another repository of the registry has are mounted, not sent")
    func mount() throws {
        let registry = try RegistryUnderTest(.anonymous)
        let place = try TemporaryDirectory()
        let digest = try Images.digest(Images.probe(in: place))
        try registry.coracle(["push", "image", registry("me/probe:1")], in: place)
        let before = try registry.requests.count
        let printed = try registry.coracle(["copy", registry("me/probe:1"), registry("you/copy:2")], in: place)
        #expect(printed == "\(registry("you/copy:2"))@\(digest)\n")
        let requests = try registry.requests.dropFirst(before)
        let mounts = requests.filter { $0.target.contains("mount=") }
        #expect(mounts.count == 3)
        #expect(
            mounts.allSatisfy {
                $0.method == "POST" && $0.status == 201 && $0.target.contains("from=me%2Fprobe")
                    || $0.target.contains("from=me/probe")
            }
        )
        #expect(!requests.contains { $0.method == "PUT" && $0.target.contains("/blobs/") }, "\(requests)")
    }

    @Test("an image is copied from one registry to another, with a token on one side and a password on the other")
    func between() throws {
        let source = try RegistryUnderTest(.anonymous)
        let target = try RegistryUnderTest(.password)
        let place = try TemporaryDirectory()
        let digest = try Images.digest(Images.forTwoPlatforms(in: place))
        try source.coracle(["push", "image", source("me/probe:1")], in: place)
        let printed = try target.coracle(["copy", source("me/probe:1"), target("me/probe:1")], in: place)
        #expect(printed == "\(target("me/probe:1"))@\(digest)\n")
    }

    @Test("several pushes of one tag at the same time all succeed")
    func together() throws {
        let registry = try RegistryUnderTest(.anonymous)
        let place = try TemporaryDirectory()
        let digest = try Images.digest(Images.forTwoPlatforms(in: place))
        let pushes = try (0..<4).map { _ in
            try Built.coracle(
                ["push", "image", registry("me/probe:1")],
                environment: registry.credentials.environment,
                directory: place.path
            ).start()
        }
        for push in pushes {
            let outcome = try push.wait()
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            #expect(outcome.output == "\(registry("me/probe:1"))@\(digest)\n")
        }
        #expect(try registry.coracle(["digest", registry("me/probe:1")], in: place) == "\(digest)\n")
    }

    @Test("`push --plan` prints what would be sent, and sends nothing")
    func plan() throws {
        let registry = try RegistryUnderTest(.password)
        let place = try TemporaryDirectory()
        try Images.probe(in: place)
        let plan = try registry.coracle(["push", "image", registry("me/probe:1"), "--plan"], in: place)
        #expect(plan.contains("`\(RegistryServer.user)`") || plan.contains(RegistryServer.user), "\(plan)")
        #expect(!plan.contains(RegistryServer.password))
        #expect(try !registry.requests.contains { ["PUT", "POST", "PATCH"].contains($0.method) })
    }

    @Test("login stores what works alone, and logout forgets it")
    func login() throws {
        let registry = try RegistryUnderTest(.password)
        let credentials = try DockerConfiguration()
        let place = try TemporaryDirectory()
        try Images.probe(in: place)
        let arguments = ["login", registry.server.address, "-u", RegistryServer.user, "--password-stdin"]
        func run(_ arguments: [String], input: String = "") throws -> Outcome {
            var command = Built.coracle(arguments, environment: credentials.environment, directory: place.path)
            command.input = Array(input.utf8)
            return try command.run()
        }
        let wrong = try run(arguments, input: "wrong\n")
        #expect(wrong.end == .exited(5), "\(wrong.errors)")
        #expect(try run(["push", "image", registry("me/probe:1")]).end == .exited(5))
        let right = try run(arguments, input: RegistryServer.password + "\n")
        #expect(right.end == .exited(0), "\(right.errors)")
        #expect(!(right.errors + right.output).contains(RegistryServer.password))
        #expect(try run(["push", "image", registry("me/probe:1")]).end == .exited(0))
        #expect(try Command("stat", ["-c", "%a", credentials.path]).output() == "600\n")
        // docker's own format: skopeo finds it as well.
        try Skopeo.run(["inspect", "--tls-verify=false", "docker://\(registry("me/probe:1"))"], credentials)
        #expect(try run(["logout", registry.server.address]).end == .exited(0))
        #expect(try run(["digest", registry("me/probe:1")]).end == .exited(5))
        #expect(try run(["logout", registry.server.address]).end == .exited(7))
    }
}
