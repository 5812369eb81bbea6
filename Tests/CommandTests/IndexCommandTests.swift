import TestSupport
import Testing

@Suite("The command `index`")
struct IndexCommandTests {
    private let registry: RegistryServer
    private let home: DockerConfiguration
    private let place: TemporaryDirectory

    init() throws {
        registry = try RegistryServer()
        home = try DockerConfiguration()
        place = try Sample.program()
        try place.file("arm/hello", readFile(FixtureProgram("hello", .go(architecture: "arm64")).path()), mode: 0o755)
        try coracle("build", "hello", "-o", "amd64.oci", "--annotation", "a=same", "--annotation", "b=1").output()
        try coracle("build", "arm/hello", "-o", "arm64.tar", "--annotation", "a=same", "--annotation", "b=2").output()
    }

    private func coracle(_ arguments: String...) -> Command {
        Built.coracle(arguments, environment: home.environment, directory: place.path)
    }

    private func name(_ path: String) -> String { "\(registry.address)/\(path)" }

    /// What skopeo says of the index: media type, platforms with digests, annotations.
    private func raw(_ reference: String) throws -> String {
        let text = try Command(
            "skopeo",
            ["inspect", "--raw", "--tls-verify=false", reference],
            environment: home.environment,
            directory: place.path
        ).output()
        try place.file("raw.json", text)
        return try Tool.python(
            """
            import json, sys
            d = json.load(open(sys.argv[1]))
            print(d['mediaType'], sorted(d.get('annotations', {}).items()))
            for m in d['manifests']: print(m['platform']['architecture'], m['digest'], m['mediaType'], m.get('annotations'))
            """,
            [place("raw.json")]
        )
    }

    private static let indexType = "application/vnd.oci.image.index.v1+json"
    private static let manifestType = "application/vnd.oci.image.manifest.v1+json"

    @Test("images of one registry are joined without a layer being read or sent; skopeo reads the index")
    func oneRegistry() throws {
        try coracle("push", "amd64.oci", name("me/server:amd64")).output()
        try coracle("push", "arm64.tar", name("other/server:arm64")).output()
        let before = try registry.requests.count
        let output = try coracle(
            "index",
            name("me/server:amd64"),
            name("other/server:arm64"),
            "-t",
            name("me/server:1"),
            "--push"
        ).output()
        let digest = try coracle("digest", name("me/server:1")).output().trimmed
        #expect(output == "\(name("me/server:1"))@\(digest)\n")
        let asked = try registry.requests.dropFirst(before)
        let config = { (target: String) in target.contains("/blobs/") }
        // Configurations say for which platform an image is; a layer is not read, and nothing is uploaded.
        let layers = try ["amd64.oci", "arm64.tar"].flatMap { image in
            try coracle("inspect", image, "--json").output().matches(of: #/sha256:[0-9a-f]{64}/#).map {
                String($0.output)
            }
        }
        #expect(layers.count > 4)
        let read = asked.filter { $0.method == "GET" && config($0.target) }
        #expect(read.count <= 2, "\(read)")
        #expect(asked.filter { ["PATCH"].contains($0.method) } == [])
        #expect(asked.filter { $0.method == "PUT" && config($0.target) } == [])
        #expect(asked.contains { $0.method == "POST" && $0.target.contains("mount=") })
        let parts = try ["amd64.oci", "arm64.tar"].map { try coracle("digest", $0).output().trimmed }
        #expect(
            try raw("docker://\(name("me/server:1"))") == """
                \(Self.indexType) [('a', 'same')]
                amd64 \(parts[0]) \(Self.manifestType) None
                arm64 \(parts[1]) \(Self.manifestType) None

                """
        )
        try coracle("pull", name("me/server:1"), "-o", "back").output()
        try coracle("validate", "back").output()
    }

    @Test("a layout and an archive become an index in a layout, an archive, or a registry: the same one")
    func places() throws {
        let layout = try coracle("index", "amd64.oci", "arm64.tar", "-o", "both").output()
        #expect(try coracle("index", "amd64.oci", "arm64.tar", "-o", "both.tar").output() == layout)
        let pushed = try coracle("index", "amd64.oci", "arm64.tar", "-t", name("a/b:1"), "--push").output()
        #expect(pushed == "\(name("a/b:1"))@\(layout)")
        for path in ["both", "both.tar"] { try coracle("validate", path).output() }
        #expect(try raw("oci:both").hasPrefix(Self.indexType))
        // An index brings its images, and the same image twice is one.
        #expect(try coracle("index", "both", "amd64.oci", "-o", "again").output() == layout)
        let json = try coracle("index", "amd64.oci", "arm64.tar", "-o", "named", "-t", "me/x:1", "--json").output()
        try place.file("out.json", json)
        let text = try Tool.python(
            """
            import json, sys
            d = json.load(open(sys.argv[1]))
            print(d['digest'], d['references'], [(i['platform'], i['source']) for i in d['images']])
            """,
            [place("out.json")]
        )
        let digest = layout.trimmed
        #expect(
            text
                == "\(digest) ['docker.io/me/x:1@\(digest)'] [('linux/amd64', 'amd64.oci'), ('linux/arm64/v8', 'arm64.tar')]\n"
                || text
                    == "\(digest) ['me/x:1@\(digest)'] [('linux/amd64', 'amd64.oci'), ('linux/arm64/v8', 'arm64.tar')]\n"
        )
    }

    @Test("from another registry comes what is missing")
    func acrossRegistries() throws {
        let other = try RegistryServer()
        try coracle("push", "amd64.oci", "\(other.address)/me/server:amd64").output()
        try coracle("push", "arm64.tar", name("me/server:arm64")).output()
        let output = try coracle(
            "index",
            "\(other.address)/me/server:amd64",
            name("me/server:arm64"),
            "-t",
            name("me/server:1"),
            "--push"
        ).output()
        try coracle("pull", name("me/server:1"), "-o", "back").output()
        try coracle("validate", "back").output()
        #expect(output.hasPrefix("\(name("me/server:1"))@sha256:"))
    }

    @Test("`--sign-key` signs the index and each of its images, in each repository")
    func signed() throws {
        func keyed(_ arguments: [String]) throws -> Outcome {
            let environment = home.environment.merging(["COSIGN_PASSWORD": "pw"]) { $1 }
            return try Built.coracle(arguments, environment: environment, directory: place.path).run()
        }
        #expect(try keyed(["key", "generate"]).end == .exited(0))
        let names = [name("me/signed:1"), name("other/signed:1")]
        let outcome = try keyed(
            ["index", "amd64.oci", "arm64.tar", "--push", "--sign-key", "cosign.key"] + names.flatMap { ["-t", $0] }
        )
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        for name in names {
            let verified = try keyed(["verify", name, "--key", "cosign.pub", "--recursive"])
            #expect(verified.end == .exited(0), "\(verified.errors)")
            let subjects = Set(verified.output.matches(of: #/@(sha256:[0-9a-f]{64})  signature/#).map { String($0.1) })
            #expect(subjects.count == 3, "\(verified.output)")
        }
    }

    @Test("what buildx says about an image stays beside it")
    func attestations() throws {
        let image = try HandmadeImage(layers: [HandmadeImage.Layer("echo a >a")])
        let statement = try HandmadeImage(
            layers: [HandmadeImage.Layer("echo b >b")],
            architecture: "unknown",
            config: { $0.replacing(#""os":"linux""#, with: #""os":"unknown""#) }
        )
        let digest = try image.digest
        let index = try HandmadeImage(
            of: [
                (image, #"{"os":"linux","architecture":"amd64"}"#),
                (statement, #"{"os":"unknown","architecture":"unknown"}"#),
            ],
            index: { text in
                text.replacing(
                    #""architecture":"unknown"}}"#,
                    with:
                        #""architecture":"unknown"},"annotations":{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"\#(digest)"}}"#
                )
            }
        )
        for (path, bytes) in try index.layout("buildx") { try place.file(path, bytes) }
        try coracle("index", "buildx", "arm64.tar", "-o", "both").output()
        let lines = try raw("oci:both").split(separator: "\n").dropFirst().map { $0.split(separator: " ")[0] }
        #expect(lines == ["amd64", "unknown", "arm64"])
        try coracle("validate", "both").output()
    }

    @Test(
        "what cannot be joined is refused, and nothing is written",
        arguments: [
            (["amd64.oci", "second.oci", "-o", "x"], 2, "error[index.same-platform]: two images are for linux/amd64"),
            (["amd64.oci", "gone.oci", "-o", "x"], 7, "error[layout.not-found]"),
            (["amd64.oci", "arm64.tar"], 2, "`index` needs a place for the index"),
            (["amd64.oci", "--push"], 2, "`--push` needs a name"),
            (["amd64.oci", "-o", "x", "-t", "a@sha256:\(String(repeating: "0", count: 64))"], 2, "names a digest"),
            (["amd64.oci", "-o", "gone/x"], 8, "error[output.no-directory]"),
            (["amd64.oci", "-o", "x", "--annotation", "a"], 2, "it is not KEY=VALUE"),
            (["amd64.oci", "-o", "x", "--sign-key", "key"], 2, "`--sign-key` signs what is pushed"),
        ] as [([String], Int32, String)]
    )
    func refused(arguments: [String], status: Int32, message: String) throws {
        try coracle("build", "hello", "-o", "second.oci", "--label", "a=b").output()
        let outcome = try Built.coracle(["index"] + arguments, environment: home.environment, directory: place.path)
            .run()
        #expect(outcome.end == .exited(status), "\(outcome.errors)")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        if message.contains("same-platform") {
            #expect(
                outcome.errors.contains("`amd64.oci` has sha256:")
                    && outcome.errors.contains("`second.oci` has sha256:")
            )
        }
        #expect(!exists(place("x")))
        #expect(outcome.output == "")
    }
}
