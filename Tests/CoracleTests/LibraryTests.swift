import Coracle
import TestSupport
import Testing

/// What a program that imports `Coracle` alone can do.
@Suite("The library")
struct LibraryTests {
    private let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    private func recipe(_ machine: Machine = .amd64, names: [String] = []) throws -> ImageRecipe {
        var recipe = ImageRecipe(path: try scratch.file("in/server", staticProgram(machine), mode: 0o755))
        recipe.names = names
        return recipe
    }

    /// The problems of building `recipe` into a layout; none if it is built.
    private func problems(_ recipe: ImageRecipe) async throws -> [Problem] {
        do {
            _ = try await withImageSession { try await $0.build(recipe, to: .layout(scratch("out"))) }
            return []
        } catch let error as CoracleError {
            return error.problems
        }
    }

    @Test("a build that is repeated with a cache has the same result, from what the first one kept")
    func again() async throws {
        var recipe = try recipe(names: ["me/app:1"])
        recipe.volumes = ["/data"]
        recipe.stopSignal = "SIGINT"
        var options = ImageSession.Options()
        options.cacheDirectory = scratch("cache")
        try scratch.directory("cache")
        try Command("chmod", ["700", scratch("cache")]).output()
        // Files that are younger than two seconds are not trusted.
        try await Task.sleep(for: .seconds(3))
        let first = try await withImageSession(options) { try await $0.build(recipe, to: .layout(scratch("out"))) }
        let second = try await withImageSession(options) { try await $0.build(recipe, to: .layout(scratch("other"))) }
        #expect(first == second)
        #expect(try Command("find", [scratch("cache/derived/build-5"), "-type", "f"]).output() != "")
        let findings = try await withImageSession { try await $0.validate(scratch("other")) }
        #expect(findings == [])
        let blobs = try Command.shell(#"cat "$1"/blobs/sha256/*"#, [scratch("other")]).output()
        #expect(blobs.contains(#""StopSignal":"SIGINT""#) && blobs.contains(#""Volumes":{"/data":{}}"#))
    }

    @Test("builds a layout of a program, which is valid and reads as it was built")
    func layout() async throws {
        var recipe = try recipe(names: ["me/app:1"])
        recipe.environment = ["B": "2", "A": "1"]
        recipe.labels = ["key": "value"]
        recipe.command = ["--verbose"]
        let layout = scratch("out")
        let (result, findings, images) = try await withImageSession { session in
            (
                try await session.build(recipe, to: .layout(layout)),
                try await session.validate(layout),
                try await session.read(layout)
            )
        }
        #expect(findings == [])
        let image = try #require(images.first)
        #expect(images.count == 1)
        #expect(result.reference == "me/app:1@\(image.digest)")
        #expect(result.references == [result.reference])
        #expect(result.images.map(\.platform) == ["linux/amd64"])
        #expect(result.images.first?.layers == image.layers)
        #expect(image.user == "65532:65532")
        #expect(image.created == "1970-01-01T00:00:00Z")
        #expect(image.entrypoint == ["/app/server"])
        #expect(image.command == ["--verbose"])
        #expect(image.environment.filter { !$0.hasPrefix("PATH=") && !$0.hasPrefix("SSL_") } == ["A=1", "B=2"])
        #expect(image.labels["key"] == "value")
        let server = try #require(image.files.first { $0.path == "/app/server" })
        #expect(server.kind == .regular)
        #expect(server.mode == 0o755)
        #expect(server.layer == image.layers.count - 1)
        #expect(image.files.contains { $0.path == "/etc/passwd" })
    }

    @Test("an archive and a layout of the same recipe have the same digest, with or without a cache")
    func sameDigest() async throws {
        let recipe = try recipe()
        let archive = try await withImageSession { try await $0.build(recipe, to: .archive(scratch("out.tar"))) }
        var options = ImageSession.Options()
        options.cacheDirectory = scratch("cache")
        options.parallelBlocks = 1
        let layout = try await withImageSession(options) { try await $0.build(recipe, to: .layout(scratch("out"))) }
        #expect(archive == layout)
        let path = scratch("out.tar")
        #expect(try await withImageSession { try await $0.digest(of: path) } == archive.digest)
        #expect(try await withImageSession { try await $0.validate(path) } == [])
    }

    @Test("several platforms become an index")
    func platforms() async throws {
        let paths = [
            try scratch.file("in/server-amd64", staticProgram(.amd64), mode: 0o755),
            try scratch.file("in/server-arm64", staticProgram(.arm64), mode: 0o755),
        ]
        let layout = scratch("out")
        let (result, arm) = try await withImageSession { session in
            let result = try await session.build(ImageRecipe(paths: paths), to: .layout(layout))
            return (result, try await session.read(layout, platform: "linux/arm64"))
        }
        #expect(result.images.map(\.platform) == ["linux/amd64", "linux/arm64/v8"])
        #expect(arm.map(\.digest) == [result.images[1].digest])
    }

    @Test("pushes to a registry, and reads and validates the image there")
    func registry() async throws {
        let server = try RegistryServer()
        defer { server.stop() }
        let name = "\(server.address)/me/app:1"
        let recipe = try recipe(names: [name])
        var options = ImageSession.Options()
        options.insecureRegistries = [server.address]
        options.environment = ["TMPDIR": scratch.path]
        let (result, digest, images, findings) = try await withImageSession(options) { session in
            (
                try await session.build(recipe, to: .registry),
                try await session.digest(of: name),
                try await session.read(name),
                try await session.validate(name)
            )
        }
        #expect(result.digest == digest)
        #expect(images.map(\.digest) == [digest])
        #expect(findings == [])
        #expect(try names(in: scratch.path).allSatisfy { $0 == "in" }, "a temporary copy is left")
    }

    @Test("a program that cannot run is refused with a code, a reason and a hint, unless its rule is allowed")
    func refusal() async throws {
        let program = try FixtureProgram("hello-c", .dynamicC).path()
        var recipe = ImageRecipe(path: program)
        recipe.base = "scratch"
        let found = try await problems(recipe)
        let first = try #require(found.first)
        #expect(found.allSatisfy { $0.category == .policy })
        #expect(first.code.hasPrefix("run."))
        #expect(first.hint != nil)
        recipe.checks = .refuse(allowing: Set(found.map(\.code)))
        #expect(try await problems(recipe) == [])
    }

    @Test("all problems of a recipe are reported at once")
    func everyProblem() async throws {
        var recipe = try recipe(names: ["Upper/Case"])
        recipe.platforms = ["linux"]
        recipe.checks = .refuse(allowing: ["run.no-such-rule"])
        let found = try await problems(recipe)
        #expect(found.map(\.code) == ["reference.malformed", "platform.malformed", "rule.unknown"])
        #expect(found.allSatisfy { $0.category == .usage && $0.hint != nil })
    }

    @Test("a missing image is reported with the exit status of the command")
    func missing() async throws {
        let layout = scratch("none.oci")
        let error = await #expect(throws: CoracleError.self) {
            try await withImageSession { try await $0.validate(layout) }
        }
        #expect(error?.exitStatus == 7)
        #expect(error?.problems.first?.code == "layout.not-found")
    }

    @Test("a cancelled task stops, and leaves nothing behind")
    func cancellation() async throws {
        let recipe = try recipe()
        let layout = scratch("out")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await withImageSession { try await $0.build(recipe, to: .layout(layout)) }
        }
        let error = await #expect(throws: CoracleError.self) { try await task.value }
        #expect(error?.problems.map(\.category) == [.cancelled])
        #expect(try names(in: scratch.path) == ["in"])
    }
}
