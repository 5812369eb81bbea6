import TestSupport
import Testing

@Suite("Commands that speak to registries")
struct RegistryCommandTests {
    private let registry: RegistryServer
    private let home: DockerConfiguration
    private let place: TemporaryDirectory

    init() throws {
        registry = try RegistryServer()
        home = try DockerConfiguration()
        place = try Sample.program()
        try coracle("build", "hello", "-o", "image", "-t", "me/hello:1").output()
    }

    private func coracle(_ arguments: String...) -> Command {
        Built.coracle(arguments, environment: home.environment, directory: place.path)
    }

    private func name(_ path: String) -> String { "\(registry.address)/\(path)" }

    private func digest() throws -> String { try coracle("digest", "image").output().trimmed }

    @Test("what is pushed comes back as it was, and every name is printed with the digest")
    func roundTrip() throws {
        let digest = try digest()
        let pushed = try coracle("push", "image", name("a/b:1"), name("a/b:2"), name("c/d:1")).output()
        #expect(pushed == ["a/b:1", "a/b:2", "c/d:1"].map { "\(name($0))@\(digest)\n" }.joined())
        #expect(try coracle("digest", name("a/b:2")).output() == "\(digest)\n")
        #expect(try coracle("tags", name("a/b")).output().split(separator: "\n").sorted() == ["1", "2"])
        #expect(try coracle("pull", name("c/d:1"), "-o", "back.tar").output() == "\(name("c/d:1"))@\(digest)\n")
        #expect(try coracle("pull", name("c/d@\(digest)"), "-o", "back").output() == "\(digest)\n")
        // Standard output is the archive; what is printed there otherwise goes to the other one.
        var piped = coracle("pull", name("c/d:1"), "-o", "-")
        piped.arguments = ["-c", "\"$@\" >piped.tar", "sh", piped.program] + piped.arguments
        piped.program = "sh"
        let outcome = try piped.run()
        #expect(outcome.end == .exited(0) && outcome.output.isEmpty, "\(outcome.errors)")
        #expect(outcome.errors.contains("\(name("c/d:1"))@\(digest)"), "\(outcome.errors)")
        for path in ["back", "back.tar", "piped.tar"] { try coracle("validate", path).output() }
    }

    @Test("blobs are sent once: what is there is not sent again, what a neighbour has is mounted")
    func once() throws {
        let first = try coracle("push", "image", name("a/b:1")).run()
        #expect(first.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("pushed sha256:") }, "\(first.errors)")
        let again = try coracle("push", "image", name("a/b:2")).run()
        #expect(again.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("exists sha256:") }, "\(again.errors)")
        let copied = try coracle("copy", name("a/b:1"), name("e/f:1")).run()
        #expect(copied.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("mounted sha256:") }, "\(copied.errors)")
        #expect(copied.end == .exited(0))
        let requests = try registry.requests
        #expect(requests.filter { $0.method == "PUT" && $0.target.hasPrefix("/v2/e/f/blobs/") } == [])
    }

    @Test("`push --plan` says what would be sent and who as, and sends nothing")
    func plan() throws {
        let plan = try coracle("push", "image", name("a/b:1"), "--plan").output()
        let lines = plan.split(separator: "\n")
        #expect(lines.first?.hasPrefix("\(name("a/b:1")) as anonymous") == true, "\(plan)")
        #expect(lines.dropFirst().dropLast().allSatisfy { $0.hasSuffix("  upload") })
        #expect(lines.last?.hasSuffix(" to send") == true)
        #expect(try registry.requests.filter { !["GET", "HEAD"].contains($0.method) } == [])
    }

    @Test("blobs that were pulled once are there without a network; others are reported as missing")
    func offline() throws {
        try coracle("push", "image", name("a/b:1")).output()
        try coracle("pull", name("a/b:1"), "-o", "one").output()
        let before = try registry.requests.count
        try coracle("pull", name("a/b:1"), "-o", "two", "--offline").output()
        #expect(try coracle("digest", "two").output() == coracle("digest", "one").output())
        let missing = try coracle("pull", name("a/b:2"), "-o", "three", "--offline").run()
        #expect(missing.end == .exited(7))
        #expect(missing.errors.contains("error[offline.missing]"))
        #expect(try registry.requests.count == before)
        #expect(!exists(place("three")))
    }

    @Test(
        "what needs a registry contradicts `--offline`",
        arguments: [["push", "image", "NAME"], ["push", "image", "NAME", "--plan"], ["tags", "NAME"]]
    )
    func offlineRefused(arguments: [String]) throws {
        let words = arguments.map { $0 == "NAME" ? name("a/b") : $0 } + ["--offline"]
        let outcome = try Built.coracle(words, environment: home.environment, directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains("error[offline.refused]"))
        #expect(try registry.requests == [])
    }

    @Test("an image that is not there is 7, and nothing is written", arguments: ["a/b:nope", "nope/nope:1"])
    func absent(path: String) throws {
        try coracle("push", "image", name("a/b:1")).output()
        for words in [["digest"], ["pull", "-o", "out"], ["inspect"]] {
            let outcome = try Built.coracle(words + [name(path)], environment: home.environment, directory: place.path)
                .run()
            #expect(outcome.end == .exited(7), "\(outcome.errors)")
        }
        #expect(!exists(place("out")))
    }

    @Test("an image in a registry can be looked at, and leaves nothing behind")
    func inspected() throws {
        try coracle("push", "image", name("a/b:1")).output()
        let temporary = try place.directory("tmp")
        var environment = home.environment
        environment["TMPDIR"] = temporary
        for (command, words) in [("inspect", "/app/hello"), ("files", "/app/hello"), ("validate", "valid: 1 image")] {
            let outcome = try Built.coracle([command, name("a/b:1")], environment: environment, directory: place.path)
                .run()
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            #expect(outcome.output.contains(words), "\(outcome.output)")
        }
        #expect(try names(in: temporary) == [])
    }

    @Test("without a home, or with an unusable cache, the command goes on with a note", arguments: [true, false])
    func withoutCache(isHomeless: Bool) throws {
        try coracle("push", "image", name("a/b:1")).output()
        var environment = home.environment
        environment["XDG_CACHE_HOME"] = .some(nil)
        environment["HOME"] = isHomeless ? .some(nil) : place("hello")
        let outcome = try Built.coracle(
            ["pull", name("a/b:1"), "-o", "out"],
            environment: environment,
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("note: "), "\(outcome.errors)")
        #expect(try coracle("digest", "out").output().trimmed == digest())
    }

    @Test("a login that the registry takes is kept, another is not, and a logout forgets it")
    func login() throws {
        let guarded = try RegistryServer(.password)
        func login(_ password: String) throws -> Outcome {
            var command = coracle("login", guarded.address, "-u", RegistryServer.user, "--password-stdin")
            command.input = Array("\(password)\n".utf8)
            return try command.run()
        }
        let wrong = try login("wrong secret")
        #expect(wrong.end == .exited(5), "\(wrong.errors)")
        #expect(!wrong.errors.contains("wrong secret"))
        #expect(try coracle("push", "image", "\(guarded.address)/a/b:1").run().end == .exited(5))
        let right = try login(RegistryServer.password)
        #expect(right.end == .exited(0), "\(right.errors)")
        #expect(right.errors.contains("logged in to \(guarded.address) as \(RegistryServer.user): "))
        let plan = try coracle("push", "image", "\(guarded.address)/a/b:1", "--plan").output()
        #expect(plan.contains("as user `\(RegistryServer.user)` from "), "\(plan)")
        try coracle("push", "image", "\(guarded.address)/a/b:1").output()
        try coracle("logout", guarded.address).output()
        #expect(try coracle("digest", "\(guarded.address)/a/b:1").run().end == .exited(5))
        #expect(try coracle("logout", guarded.address).run().end == .exited(7))
    }

    @Test("an empty password counts as absent", arguments: ["", "\n"])
    func noPassword(input: String) throws {
        var command = coracle("login", registry.address, "-u", "me", "--password-stdin")
        command.input = Array(input.utf8)
        let outcome = try command.run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains("error[password.unreadable]"))
    }
}

extension String {
    var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
