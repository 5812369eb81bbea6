import TestSupport
import Testing

@Suite("What a push attaches")
struct BuildAttachmentTests {
    private let place: TemporaryDirectory
    private let home: DockerConfiguration

    init() throws {
        place = try Sample.program()
        home = try DockerConfiguration()
        try place.file("arm", readFile(FixtureProgram("hello", .go(architecture: "arm64")).path()), mode: 0o755)
    }

    /// `coracle` with the words of `line`, with a cache.
    private func coracle(_ line: String) throws -> Outcome {
        try Built.coracle(
            line.split(separator: " ").map(String.init),
            environment: home.environment.merging(["CORACLE_CACHE": place("cache")]) { $1 },
            directory: place.path
        ).run()
    }

    private func output(_ line: String, _ comment: Comment? = nil) throws -> String {
        let outcome = try coracle(line)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        return outcome.output
    }

    @Test(
        "a push attaches what is in the image to each platform and to the index, and once whatever the tag",
        arguments: [true, false]
    )
    func byDefault(listsReferrers: Bool) throws {
        let registry = try FaultyRegistry(listsReferrers: listsReferrers)
        let name = "\(registry.address)/me/hello"
        let plain = try output("build hello arm -o plain")
        let first = try output("build hello arm -t \(name):1 --push")
        #expect(first.hasSuffix("@\(plain)"))
        let tree = try output("referrers \(name):1")
        let rows = tree.split(separator: "\n").dropFirst().map {
            $0.prefix { !$0.isNumber || $0 == "6" || $0 == "4" }.split(separator: " ").joined(separator: " ")
        }
        let list = "- application/spdx+json"
        #expect(rows.map { String($0.prefix(list.count)) }.filter { $0 == list }.count == 3, "\(tree)")
        #expect(try output("build hello arm -t \(name):2 --push").hasSuffix("@\(plain)"))
        #expect(
            try output("referrers \(name):2").split(separator: "\n").dropFirst()
                == tree.split(separator: "\n").dropFirst()
        )
        #expect(try output("validate \(name):1").isEmpty == false)
    }

    @Test("a push that is repeated finds it there: two requests more, and none that sends", arguments: [true, false])
    func again(listsReferrers: Bool) throws {
        let registry = try FaultyRegistry(listsReferrers: listsReferrers)
        let name = "\(registry.address)/me/hello:1"
        _ = try output("build hello -t \(name) --push")
        func requests(_ options: String) throws -> [ReceivedRequest] {
            let before = registry.requests.count
            _ = try output("build hello -t \(name) --push \(options)")
            return Array(registry.requests.dropFirst(before))
        }
        let without = try requests("--sbom none")
        let with = try requests("")
        #expect(with.count <= without.count + 2, "\(with.map { "\($0.method) \($0.target)" })")
        for method in ["POST", "PATCH", "PUT"] {
            #expect(with.count { $0.method == method } == without.count { $0.method == method }, "\(method)")
        }
        // What was deleted behind a list's back is put there again.
        #expect(!with.contains { $0.target.contains("/blobs/uploads/") })
    }

    @Test(
        "nothing hangs on an image if that was switched off, or on a layout if it was not asked for",
        arguments: ["-t NAME --push --sbom none", "-o out", "-o out --sbom none"]
    )
    func none(options: String) throws {
        let registry = try FaultyRegistry()
        let name = "\(registry.address)/me/hello:1"
        _ = try output("build hello \(options.replacing("NAME", with: name))")
        let tree = try output("referrers \(options.contains("push") ? name : "out")")
        #expect(tree.contains("nothing hangs on it"), "\(tree)")
    }

    @Test("a plan attaches nothing")
    func plan() throws {
        let registry = try FaultyRegistry()
        _ = try output("plan hello -t \(registry.address)/me/hello:1 --push")
        #expect(registry.requests.allSatisfy { ["GET", "HEAD"].contains($0.method) })
    }

    @Test(
        "a registry that takes no document has the image all the same: a note, or an error if the document was asked for",
        arguments: [
            ("", 0), ("--sbom spdx", 6), ("--sbom cyclonedx --json", 6), ("--sign-key a.key", 6), ("--sbom none", 0),
        ] as [(String, Int32)],
        [false, true]
    )
    func refused(case row: (options: String, status: Int32), isTag: Bool) throws {
        let (options, status) = row
        try key()
        let registry = try FaultyRegistry { asked in
            let isDocument = String(decoding: asked.request.body, as: UTF8.self).contains(#""subject""#)
            let isList = asked.name.hasPrefix("sha256-")
            guard asked.step == .putManifest, isTag ? isList : isDocument else { return asked.answer }
            return FaultyRegistry.refusal(400, "MANIFEST_INVALID", "unknown field subject")
        }
        let name = "\(registry.address)/me/hello:1"
        let outcome = try coracle("build hello -t \(name) --push \(options)")
        #expect(outcome.end == .exited(status), "\(outcome.errors)")
        if options.isEmpty {
            #expect(outcome.errors.contains("note: what is in the image is not attached to it\n"))
            #expect(outcome.errors.contains("unknown field subject") && outcome.errors.contains("`--sbom none`"))
            #expect(outcome.output.hasPrefix("\(name)@sha256:"))
        } else if status != 0 {
            #expect(
                outcome.errors.contains("the image is in place, without what was to be attached"),
                "\(outcome.errors)"
            )
            #expect(outcome.output.isEmpty)
        } else {
            #expect(!outcome.errors.contains("sbom"))
        }
        let validated = try coracle("validate \(name)")
        #expect(validated.end == .exited(0), "\(validated.output)\(validated.errors)")
        // This registry keeps what it refuses.
        if !isTag { #expect(try output("referrers \(name)").contains("nothing hangs on it")) }
    }

    @Test("the document of a build says what was attached, and a program can read it")
    func json() throws {
        let registry = try FaultyRegistry()
        let name = "\(registry.address)/me/hello:1"
        for isNew in [true, false] {
            let text = try output("build hello -t \(name) --push --json")
            let attached = try #require(text.firstMatch(of: #/"attached": \[(?s).*?\]/#)).0
            #expect(attached.contains(#""type": "application/spdx+json""#))
            #expect(attached.contains(#""in": "\#(registry.address)/me/hello""#))
            #expect(attached.contains(#""written": \#(isNew)"#))
            let place = try #require(attached.firstMatch(of: #/"place": "(.*?)"/#)).1
            #expect(registry.manifest(String(place), in: "me/hello") != nil)
        }
        #expect(try !output("build hello -t \(name) --push --json --sbom none").contains("attached"))
    }

    @Test("an archive has no place for what hangs on an image, and says so before it is written")
    func archive() throws {
        let outcome = try coracle("build hello -o out.tar --sbom spdx")
        #expect(outcome.end == .exited(2) && outcome.errors.contains("error[usage.conflict]"), "\(outcome.errors)")
        #expect(!exists(place("out.tar")))
        _ = try output("build hello -o out.tar --sbom cyclonedx --sbom-output out.json")
        #expect(String(decoding: try readFile(place("out.json")), as: UTF8.self).contains("CycloneDX"))
    }

    // MARK: Many images

    private func key() throws {
        let keys = """
            openssl ecparam -name prime256v1 -genkey -noout -out a.key && chmod 600 a.key &&
            openssl pkey -in a.key -pubout -out a.pub
            """
        try Command.shell(keys, directory: place.path).output()
    }

    @Test("each image of a file gets what a build by itself would attach")
    func file() throws {
        try key()
        let registry = try FaultyRegistry()
        let repository = "\(registry.address)/me"
        let yaml = """
            defaults: {path: "{name}", push: true, tag: "\(repository)/{name}:1", sign-key: a.key, provenance: true}
            images: {hello: {sbom-output: hello.json, provenance-output: hello.slsa}, arm: {sbom: none}}
            """
        try place.file("images.yaml", yaml)
        let outcome = try coracle("build --file images.yaml --json")
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        for text in [#""type": "application/spdx+json""#, #""type": "https://slsa.dev/provenance/v1""#] {
            #expect(outcome.output.contains(text), "\(outcome.output)")
        }
        #expect(outcome.errors.contains("built hello: ") && outcome.errors.contains("\nwrote hello.json\n"))
        for name in ["hello", "arm"] {
            _ = try output("verify \(repository)/\(name):1 --key a.pub --recursive")
            _ = try output("verify \(repository)/\(name):1 --key a.pub --type slsa")
        }
        #expect(try coracle("verify \(repository)/arm:1 --key a.pub --type spdx").end == .exited(9))
        #expect(try !output("referrers \(repository)/arm:1").contains("spdx"))
        _ = try output("verify \(repository)/hello:1 --key a.pub --type spdx --predicate-out attested.json")
        try Command(
            "/usr/bin/python3",
            [
                "-c",
                """
                import json
                assert json.load(open("attested.json")) == json.load(open("hello.json"))
                assert json.load(open("hello.slsa"))["predicateType"] == "https://slsa.dev/provenance/v1"
                """,
            ],
            directory: place.path
        ).output()
        let tree = try output("referrers \(repository)/hello:1")
        _ = try output("build hello -t \(repository)/hello:1 --push --sign-key a.key --provenance")
        #expect(try output("referrers \(repository)/hello:1") == tree)
        // What was built before and is taken as it is gets the same.
        _ = try output("build --file images.yaml")
        #expect(try output("referrers \(repository)/hello:1") == tree)
    }

    @Test("a layout that many images share gets their documents in the same step")
    func sharedLayout() throws {
        let yaml = """
            defaults: {path: "{name}", output: all.oci, tag: "example.com/me/{name}:1", sbom: cyclonedx}
            images: {hello: , arm: , other: {path: hello, env: {A: b}, sbom: none}}
            """
        try place.file("images.yaml", yaml)
        _ = try output("build --file images.yaml")
        for (name, count) in [("hello", 1), ("arm", 1), ("other", 0)] {
            let tree = try output("referrers oci:all.oci:example.com/me/\(name):1")
            #expect(tree.matches(of: /cyclonedx/).count == count, "\(tree)")
        }
        try Command("skopeo", ["inspect", "--raw", "oci:\(place("all.oci")):1"]).output()
    }

    @Test(
        "what a file says that cannot be is an error before anything is written",
        arguments: [
            ("sbom-output: same.json", "batch.same-place", 2), ("sbom: xml", "usage.malformed", 2),
            ("sign-key: none.key, push: true", "key.absent", 3), ("provenance: true", "usage.conflict", 2),
            ("sign-key: a.key", "usage.conflict", 2), ("tarball: '{name}.tar', sbom: spdx", "usage.conflict", 2),
            ("sbom-add: none.json, sbom: spdx", "io.failed", 8),
        ] as [(String, String, Int32)]
    )
    func malformed(defaults: String, code: String, status: Int32) throws {
        let registry = try FaultyRegistry()
        let yaml = """
            defaults: {path: "{name}", tag: "\(registry.address)/me/{name}:1", \(defaults)}
            images: {hello: , arm: }
            """
        try place.file("images.yaml", yaml)
        let before = try names(in: place.path)
        let outcome = try coracle("build --file images.yaml")
        #expect(outcome.end == .exited(status), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(code)]"), "\(outcome.errors)")
        #expect(registry.requests.isEmpty)
        #expect(try names(in: place.path).filter { $0 != "cache" } == before)
    }
}
