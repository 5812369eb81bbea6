import TestSupport
import Testing

@Suite("Docker's media types, for what refuses OCI's")
struct DockerFormatTests {
    private static let manifest = "application/vnd.docker.distribution.manifest.v2+json"
    private static let list = "application/vnd.docker.distribution.manifest.list.v2+json"

    private let place: TemporaryDirectory
    private let registry: RegistryServer

    init() throws {
        place = try TemporaryDirectory()
        registry = try RegistryServer()
    }

    private func coracle(_ words: String...) throws -> Outcome {
        try Built.coracle(words, directory: place.path).run()
    }

    private func raw(_ name: String) throws -> String {
        try Command("skopeo", ["inspect", "--raw", "--tls-verify=false", "docker://\(name)"]).output()
    }

    @Test("`build --format docker` pushes what skopeo reads as a manifest of schema 2, and always the same")
    func build() throws {
        let program = try FixtureProgram.go("hello").path()
        let name = "127.0.0.1:\(registry.port)/me/hello"
        let first = try coracle("build", program, "-t", "\(name):1", "--push", "--format", "docker")
        #expect(first.end == .exited(0), "\(first.errors)")
        let second = try coracle("build", program, "-t", "\(name):2", "--push", "--format", "docker", "--no-cache")
        #expect(try Sample.digest(first.output) == Sample.digest(second.output))
        let oci = try coracle("build", program, "-t", "\(name):3", "--push")
        #expect(try Sample.digest(first.output) != Sample.digest(oci.output))
        let text = try raw("\(name):1")
        let types = text.matches(of: #/"mediaType":"([^"]*)"/#).map { String($0.1) }
        #expect(
            Set(types) == [
                Self.manifest, "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
            ],
            "\(text)"
        )
        #expect(!text.contains("annotations"))
        // Nothing else was pushed beside it: a list of contents would be an OCI manifest.
        let beside = try coracle("referrers", "\(name)@\(Sample.digest(first.output))").output
        #expect(!beside.contains("spdx"), "\(beside)")
        try Command(
            "skopeo",
            ["copy", "--src-tls-verify=false", "docker://\(name):1", "dir:\(place("taken"))"]
        ).output()
        #expect(try coracle("validate", "\(name):1").end == .exited(0))
        #expect(try coracle("check", "\(name):1").end == .exited(0))
    }

    @Test("a build is recalled in the format that it was made in")
    func recall() throws {
        let program = try FixtureProgram.go("hello").path()
        var digests = [String]()
        for format in ["oci", "docker", "oci", "docker"] {
            let outcome = try Built.coracle(
                ["build", program, "-o", "\(format).oci", "--format", format],
                environment: ["CORACLE_CACHE": place("cache")],
                directory: place.path
            ).run()
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            digests.append(try Sample.digest(outcome.output))
        }
        #expect(digests[0] == digests[2] && digests[1] == digests[3] && digests[0] != digests[1])
        #expect(try coracle("validate", "docker.oci").end == .exited(0))
    }

    @Test(
        "`push` and `copy` convert an image of two platforms, say what gets lost, and leave configurations as they are"
    )
    func convert() throws {
        try Sample.index(in: place)
        let name = "127.0.0.1:\(registry.port)/me/both"
        let pushed = try coracle("push", "both.oci", "\(name):1", "--format", "docker")
        #expect(pushed.end == .exited(0), "\(pushed.errors)")
        #expect(
            pushed.errors.contains("note: Docker's manifests have no annotations, and these are left out: "),
            "\(pushed.errors)"
        )
        let copied = try coracle("copy", "oci:both.oci", "\(name):2", "--format", "docker")
        #expect(try Sample.digest(copied.output) == Sample.digest(pushed.output))
        #expect(try raw("\(name):1").contains(Self.list))
        let platforms = try raw("\(name):1").matches(of: #/"architecture":"([^"]*)"/#).map { String($0.1) }
        #expect(platforms == ["amd64", "arm64"])
        func configs(_ text: String) throws -> [String] {
            try text.matches(of: #/"digest":"(sha256:[0-9a-f]{64})"/#).map { match in
                try Tool.python(
                    "import json, sys; print(json.loads(sys.argv[1])['config']['digest'])",
                    [try raw("\(name)@\(match.1)")]
                )
            }
        }
        #expect(try coracle("push", "both.oci", "\(name):3").end == .exited(0))
        #expect(try configs(raw("\(name):1")) == configs(raw("\(name):3")))
        let again = try coracle("copy", "\(name):2", "\(name):4", "--format", "docker")
        #expect(try Sample.digest(again.output) == Sample.digest(pushed.output), "what is Docker's already stays")
    }

    @Test(
        "what has no form of Docker's is refused",
        arguments: [
            (["copy", "x.oci", "y.oci", "--format", "docker", "--referrers"], "contradict each other", Int32(2)),
            (["copy", "x.oci", "y.oci", "--format", "oci"], "changes nothing", 2),
            (["build", "x", "--format", "v2"], "it is neither oci nor docker", 2),
        ]
    )
    func refused(words: [String], expected: String, code: Int32) throws {
        try place.file("x", "")
        let outcome = try Built.coracle(words, directory: place.path).run()
        #expect(outcome.end == .exited(code), "\(outcome.errors)")
        #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    }

    @Test("zstd layers are refused, and a manifest that is not an image")
    func zstd() throws {
        let name = "127.0.0.1:\(registry.port)/me/zstd"
        try Sample.image(in: place)
        try Tool.python(
            """
            import hashlib, json, os, sys
            folder = sys.argv[1]
            index = json.load(open(f"{folder}/index.json"))
            entry = index["manifests"][0]
            path = lambda d: f"{folder}/blobs/sha256/{d[7:]}"
            manifest = json.load(open(path(entry["digest"])))
            for layer in manifest["layers"]: layer["mediaType"] = layer["mediaType"].replace("gzip", "zstd")
            data = json.dumps(manifest).encode()
            entry["digest"] = "sha256:" + hashlib.sha256(data).hexdigest()
            entry["size"] = len(data)
            open(path(entry["digest"]), "wb").write(data)
            json.dump(index, open(f"{folder}/index.json", "w"))
            """,
            [place("hello.oci")]
        )
        let outcome = try coracle("push", "hello.oci", "\(name):1", "--format", "docker")
        #expect(outcome.end == .exited(4), "\(outcome.errors)")
        #expect(
            outcome.errors.contains("error[format.refused]: a layer has no form of Docker's"),
            "\(outcome.errors)"
        )
    }

    @Test(
        "a registry that answers 415, or that it does not know the media type: the option is named",
        arguments: [
            (415, #"{"errors":[]}"#),
            (400, #"{"errors":[{"code":"MANIFEST_INVALID","message":"unsupported media type"}]}"#),
        ]
    )
    func hint(status: Int, body: String) throws {
        try Sample.image(in: place)
        let server = try ScriptedServer { request in
            if request.method == "PUT", request.path.contains("/manifests/") {
                return request["Content-Type"] == Self.manifest
                    ? .response(201, [], "") : .response(status, [("Content-Type", "application/json")], body)
            }
            if request.path.contains("/blobs/uploads") {
                let place = [("Location", "/v2/a/blobs/uploads/1")]
                return .response(request.method == "PUT" ? 201 : 202, place, "")
            }
            return .response(request.path == "/v2/" ? 200 : 404, [], "{}")
        }
        defer { server.stop() }
        let refused = try coracle("push", "hello.oci", "\(server.address)/a:1")
        #expect(refused.end == .exited(6), "\(refused.errors)")
        #expect(refused.errors.contains("use `--format docker`"), "\(refused.errors)")
        let taken = try coracle("push", "hello.oci", "\(server.address)/a:1", "--format", "docker")
        #expect(taken.end == .exited(0), "\(taken.errors)")
    }
}
