import TestSupport
import Testing

/// `coracle` as other programs run it.
@Suite("Other programs read what a build leaves", .serialized)
struct HandoverCommandTests {
    /// A directory with the static program `server`, and a cache for `coracle`.
    private static func place() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("server", try readFile(FixtureProgram.go("hello").path()), mode: 0o755)
        return place
    }

    private static func coracle(
        _ arguments: [String],
        in place: TemporaryDirectory,
        _ environment: [String: String?] = [:]
    ) throws -> Outcome {
        let clean: [String: String?] = ["GITHUB_ACTIONS": nil, "GITLAB_CI": nil, "CORACLE_CACHE": place("cache")]
        return try Built.coracle(
            arguments,
            environment: clean.merging(environment) { $1 },
            directory: place.path
        ).run()
    }

    private static func text(_ path: String) throws -> String { String(decoding: try readFile(path), as: UTF8.self) }

    @Test("the files are the same for a new image and for one that was built before")
    func recalled() throws {
        let place = try Self.place()
        let names = ["-t", "example.com/a:1", "-t", "example.com/a:2", "-o", "server.oci"]
        var seen = [[String]]()
        for _ in 1...2 {
            let files = ["--reference-file", "refs.txt", "--metadata-file", "meta.json"]
            let outcome = try Self.coracle(["build", "server"] + names + files, in: place)
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            seen.append([try Self.text(place("refs.txt")), try Self.text(place("meta.json"))])
            let lines = seen[0][0].split(separator: "\n").map(String.init)
            #expect(lines[0] + "\n" == outcome.output)
            #expect(lines.count == 2 && lines[1].hasPrefix("example.com/a:2@sha256:"))
        }
        #expect(seen[0] == seen[1])
        let script = """
            import hashlib, json, sys
            meta = json.load(open(sys.argv[1]))
            kept = json.load(open(sys.argv[2] + "/index.json"))["manifests"][0]
            assert meta["containerimage.digest"] == kept["digest"], meta
            assert meta["containerimage.descriptor"]["size"] == kept["size"], meta
            blob = open(sys.argv[2] + "/blobs/" + kept["digest"].replace(":", "/")).read()
            assert meta["containerimage.config.digest"] == json.loads(blob)["config"]["digest"], meta
            assert meta["image.name"] == "example.com/a:1,example.com/a:2", meta
            """
        try Tool.python(script, [place("meta.json"), place("server.oci")])
    }

    @Test("the images of a file are members of one document, as `buildx bake` writes it")
    func batch() throws {
        let place = try Self.place()
        try place.file("images.yaml", "images: {a: {path: server, tag: [x/a:1]}, b: {path: server, tag: [x/b:1]}}")
        let options = ["--metadata-file", "meta.json", "--image-refs", "refs.txt"]
        let outcome = try Self.coracle(["build", "--file", "images.yaml"] + options, in: place)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let script = """
            import json, sys
            meta = json.load(open(sys.argv[1]))
            assert list(meta) == ["a", "b"], meta
            lines = [m["image.name"] + "@" + m["containerimage.digest"] for m in meta.values()]
            assert open(sys.argv[2]).read().splitlines() == lines, lines
            """
        try Tool.python(script, [place("meta.json"), place("refs.txt")])
    }

    @Test("a copy and a push leave the same files")
    func copies() throws {
        let (place, registry) = (try Self.place(), try RegistryServer())
        #expect(try Self.coracle(["build", "server", "-o", "a.oci", "-t", "a:1"], in: place).end == .exited(0))
        let name = "\(registry.address)/me/a:1"
        let files = ["--reference-file", "refs.txt", "--metadata-file", "meta.json"]
        let pushed = try Self.coracle(["push", "a.oci", name] + files, in: place)
        #expect(try Self.text(place("refs.txt")) == pushed.output)
        #expect(try Self.text(place("meta.json")).contains(#""image.name": "\#(name)""#))
        let copied = try Self.coracle(["copy", name, "oci:b.oci:1"] + files, in: place)
        #expect(copied.end == .exited(0), "\(copied.errors)")
        #expect(try Self.text(place("refs.txt")) == copied.output)
    }

    @Test("what cannot be written is found before anything is built")
    func missing() throws {
        let place = try Self.place()
        for options in [["--metadata-file", "no/m.json"], ["--ci", "tekton", "--ci-dir", "no"]] {
            let outcome = try Self.coracle(["build", "server", "-o", "a.oci"] + options, in: place)
            #expect(outcome.end == .exited(8), "\(outcome.errors)")
        }
        for options in [["--ci", "drone"], ["--ci", "github"], ["--ci-dir", "."]] {
            let outcome = try Self.coracle(
                ["build", "server", "-o", "a.oci"] + options,
                in: place,
                ["GITHUB_OUTPUT": nil]
            )
            #expect(outcome.end == .exited(2), "\(outcome.errors)")
        }
        #expect(try names(in: place.path) == ["server"])
    }

    @Test("GitHub's files are added to, and a build that fails says why among the annotations")
    func github() throws {
        let place = try Self.place()
        try place.file("out", "before=1\n")
        try place.file("summary", "# before\n")
        let runner = ["GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": place("out"), "GITHUB_STEP_SUMMARY": place("summary")]
        // `auto` finds it by the environment.
        let built = try Self.coracle(
            ["build", "server", "-o", "a.oci", "-t", "x/a:1", "--ci", "auto"],
            in: place,
            runner
        )
        #expect(built.end == .exited(0), "\(built.errors)")
        #expect(try Self.text(place("out")).hasPrefix("before=1\ndigest<<"))
        #expect(try Self.text(place("summary")).hasPrefix("# before\n### Images\n"))
        let before = try Self.text(place("out"))
        let failed = try Self.coracle(["build", "absent", "--ci", "github"], in: place, runner)
        #expect(failed.end == .exited(3))
        #expect(failed.errors.hasPrefix("::error file=absent,title=program.unreadable::"), "\(failed.errors)")
        let rebased = try Self.coracle(
            ["rebase", "oci:absent", "--onto", "scratch", "-o", "b.oci", "--ci", "github"],
            in: place,
            runner
        )
        #expect(rebased.errors.hasPrefix("::error file=absent,title=layout.not-found::"), "\(rebased.errors)")
        #expect(try Self.text(place("out")) == before)
        #expect(try Self.text(place("summary")).contains("### Errors"))
    }

    @Test("GitLab's reports are there for a build that fails, too")
    func gitlab() throws {
        let place = try Self.place()
        let runner = ["GITLAB_CI": "true"]
        let built = try Self.coracle(["build", "server", "-o", "a.oci", "--ci", "auto"], in: place, runner)
        #expect(built.end == .exited(0), "\(built.errors)")
        #expect(try Self.text(place("coracle.env")).hasPrefix("CORACLE_DIGEST=sha256:"))
        let failed = try Self.coracle(["build", "absent", "--ci", "gitlab", "--ci-dir", "."], in: place)
        #expect(failed.end == .exited(3))
        #expect(try Self.text(place("coracle.env")) == "")
        #expect(try Self.text(place("gl-code-quality-report.json")).contains("program.unreadable"))
    }

    @Test("Tekton's results have no line feed")
    func tekton() throws {
        let place = try Self.place()
        let options = ["-o", "a.oci", "-t", "x/a:1", "--ci", "tekton", "--ci-dir", try place.directory("results")]
        let built = try Self.coracle(["build", "server"] + options, in: place)
        #expect(built.end == .exited(0), "\(built.errors)")
        let results = (try Self.text(place("results/IMAGE_URL")), try Self.text(place("results/IMAGE_DIGEST")))
        #expect("\(results.0)@\(results.1)\n" == built.output)
    }

    @Test("without a system around it, `--ci auto` writes nothing")
    func alone() throws {
        let place = try Self.place()
        let built = try Self.coracle(["build", "server", "-o", "a.oci", "--ci", "auto"], in: place)
        #expect(built.end == .exited(0), "\(built.errors)")
        #expect(try names(in: place.path) == ["a.oci", "cache", "server"])
    }
}
