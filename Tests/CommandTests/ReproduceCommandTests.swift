import TestSupport
import Testing

@Suite("An image that is made again")
struct ReproduceCommandTests {
    private let place: TemporaryDirectory

    init() throws {
        place = try Sample.program()
        try place.file("arm/hello", readFile(FixtureProgram("hello", .go(architecture: "arm64")).path()), mode: 0o755)
        try place.file("conf", "port: 80\n")
        try place.file("app/bin/hello", Sample.hello, mode: 0o755)
        try place.file("app/data/a", "alpha")
        try place.file("app/node_modules/x/index.js", "1")
        try place.file("app/large/a", (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })
    }

    /// `coracle` with the words of `line`, without a cache.
    private func coracle(_ line: String, _ environment: [String: String] = [:]) throws -> Outcome {
        try Built.coracle(
            line.split(separator: " ").map(String.init),
            environment: environment.mapValues { Optional($0) },
            directory: place.path,
            timeLimit: 120
        ).run()
    }

    private func build(_ line: String) throws {
        let outcome = try coracle("build \(line)")
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
    }

    // MARK: The same

    /// How an image is built, and what it is made again from.
    static let builds: [(build: String, from: String)] = [
        ("hello", "hello"),
        ("hello --minimal", "hello"),
        ("hello --no-zoneinfo --compression-level 9 --created 2020-02-03T04:05:06Z --mtime 86400", "hello"),
        ("hello --no-ca --no-zoneinfo --no-vcs-labels --dest /opt/start --no-check", "hello"),
        ("hello --no-runtime --no-check", "hello"),
        ("hello --env PORT=80 --env A=b=c --label l=1 --annotation n=2 --user 1000 --workdir /w --expose 80", "hello"),
        ("hello --cmd serve --volume /data --stop-signal SIGINT --chown 65532:65532 --chmod 0750", "hello"),
        ("hello --entrypoint /app/hello --entrypoint -v", "hello"),
        (
            "hello --add conf:/etc/a/conf:0640:0:65532 --add app/data:/data --mkdir /x:0750:65532:65532",
            "hello conf app/data"
        ),
        ("hello --symlink /usr/bin/hi:/app/hello --add conf:/etc/conf", "hello conf"),
        ("hello arm/hello --annotation n=2 --label l=1", "hello arm/hello"),
        ("app --entrypoint /app/bin/hello", "app"),
        ("app --entrypoint /app/bin/hello --layers auto", "app"),
        ("app --entrypoint /srv/bin/hello --layers one --dest /srv", "app"),
    ]

    @Test("by what it says of itself, and by its provenance", arguments: builds)
    func same(case row: (build: String, from: String)) throws {
        try build("\(row.build) -o image --provenance-output p.json")
        let from = row.from.split(separator: " ").map { "--from \($0)" }.joined(separator: " ")
        let digest = try coracle("digest image").output
        for record in ["", " --provenance p.json"] {
            let outcome = try coracle("reproduce image \(from)\(record)")
            #expect(outcome.end == .exited(0), "\(outcome.output)\(outcome.errors)")
            #expect(outcome.output.hasPrefix("the same: \(digest)"), "\(outcome.output)")
        }
        #expect(try Sample.leftovers(in: place.path) == [])
    }

    @Test("from an archive, whatever the environment says, and with what is in no image")
    func elsewhere() throws {
        try build("hello -o image.tar --env A=1")
        let environment = ["SOURCE_DATE_EPOCH": "1700000000", "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567"]
        let outcome = try coracle("reproduce image.tar --from hello", environment)
        #expect(outcome.end == .exited(0), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("made again with: coracle build hello --env A=1 "), "\(outcome.output)")
    }

    @Test("from a registry, by the provenance that hangs on it")
    func attached() throws {
        let registry = try RegistryServer()
        let name = "127.0.0.1:\(registry.port)/me/hello:1"
        try Command(
            "openssl",
            ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", place("key")]
        ).output()
        try Command("chmod", ["600", place("key")]).output()
        try build("hello arm/hello -t \(name) --push --sign-key key --provenance --label l=1 --env SECRET=x")
        let outcome = try coracle("reproduce \(name) --from hello --from arm/hello --json")
        #expect(outcome.end == .exited(0), "\(outcome.output)\(outcome.errors)")
        try place.file("out.json", outcome.output)
        let script = """
            import json, sys
            d = json.load(open(sys.argv[1]))
            print(d["isSame"], d["hasProvenance"], len(d["platforms"]), [(o["name"], o["source"]) for o in d["options"]])
            """
        #expect(
            try Tool.python(script, [place("out.json")])
                == "True True 2 [('env', 'image'), ('label', 'record'), ('base', 'image')]\n"
        )
    }

    @Test("upon a base of a registry whose name stands for another image by now")
    func movedBase() throws {
        let registry = try RegistryServer()
        let base = "127.0.0.1:\(registry.port)/me/base:1"
        try build("hello arm/hello -t \(base) --push --label n=1 --add conf:/etc/of-the-base --sbom none")
        try build("hello arm/hello --base \(base) -o image --dest /app/other")
        try build("hello -t \(base) --push --label n=2 --sbom none")
        let outcome = try coracle("reproduce image --from hello --from arm/hello")
        #expect(outcome.end == .exited(0), "\(outcome.output)\(outcome.errors)")
        let other = try coracle("reproduce image --from hello --from arm/hello -- --base \(base)")
        #expect(other.end != .exited(0), "\(other.output)")
    }

    // MARK: Different

    /// What is done to the inputs or said, and what is said about it.
    struct Break: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var script = ":"
        var options = ""
        let kind: String
        let words: String
    }

    static let breaks = [
        Break(
            testDescription: "one byte of a program",
            script:
                "printf x | dd of=app/bin/hello bs=1 seek=$(($(stat -c %s app/bin/hello)-1)) conv=notrunc 2>/dev/null",
            kind: "input",
            words: "app/bin/hello` is not what is at `/app/bin/hello` in the image"
        ),
        Break(
            testDescription: "one byte of an addition",
            script: "echo 'port: 81' > conf",
            kind: "input",
            words: "conf` is not what is at `/etc/app/conf` in the image"
        ),
        Break(
            testDescription: "a mode",
            script: "chmod +x app/data/a",
            kind: "input",
            words: "`/app/data/a` has another mode"
        ),
        Break(
            testDescription: "one file more",
            script: "touch app/data/b",
            kind: "input",
            words: "there is a file more: `/app/data/b`"
        ),
        Break(
            testDescription: "one file less",
            script: "rm app/large/a",
            kind: "input",
            words: "there is a file less: `/app/large/a`"
        ),
        Break(
            testDescription: "a link instead of a file",
            script: "ln -sf ../large/a app/data/a",
            kind: "input",
            words: "`/app/data/a` in the image"
        ),
        Break(testDescription: "a label", options: "--label l=2", kind: "option", words: "another label `l`"),
        Break(testDescription: "a variable", options: "--env A=2", kind: "option", words: "another variable `A`"),
        Break(testDescription: "a user", options: "--user 7", kind: "option", words: "the image has other layers"),
        Break(testDescription: "arguments", options: "--cmd a", kind: "option", words: "other arguments"),
        Break(
            testDescription: "an annotation",
            options: "--annotation n=3",
            kind: "option",
            words: "another annotation `n`"
        ),
        Break(
            testDescription: "an owner",
            options: "--chown 65532:65532",
            kind: "option",
            words: "has another owner"
        ),
        Break(testDescription: "a base", options: "--base oci:base", kind: "base", words: "stands on another base"),
        Break(
            testDescription: "a compression level",
            options: "--compression-level 5",
            kind: "option",
            words: "another `--compression-level`"
        ),
        Break(
            testDescription: "a time",
            options: "--created 2001-02-03T04:05:06Z",
            kind: "time",
            words: "the image was made at another time"
        ),
        Break(testDescription: "times of files", options: "--mtime 7", kind: "time", words: "has another time"),
        Break(
            testDescription: "an entry point",
            options: "--entrypoint /app/bin/hello --entrypoint -v",
            kind: "option",
            words: "another entry point"
        ),
        Break(
            testDescription: "fewer files that coracle adds",
            options: "--no-zoneinfo",
            kind: "option",
            words: "the image has other layers"
        ),
        Break(
            testDescription: "other layers",
            options: "--layers one",
            kind: "option",
            words: "the image has other layers"
        ),
    ]

    @Test("the first cause of a difference is named", arguments: breaks)
    func different(case broken: Break) throws {
        try build("hello -o base")
        try build(
            "app --entrypoint /app/bin/hello --layers auto --add conf:/etc/app/conf --label l=1 --env A=1 --annotation n=2 -o image"
        )
        try Command.shell(broken.script, [], directory: place.path).output()
        let options = broken.options.isEmpty ? "" : " -- \(broken.options)"
        let outcome = try coracle("reproduce image --from app --from conf --json\(options)")
        #expect(outcome.end == .exited(9), "\(outcome.output)\(outcome.errors)")
        try place.file("out.json", outcome.output)
        let script = """
            import json, sys
            d = json.load(open(sys.argv[1])); c = d["cause"]
            print(d["isSame"], c["kind"], c["platform"], c["summary"], bool(c["hint"]), bool(d["difference"]))
            """
        let line = try Tool.python(script, [place("out.json")])
        #expect(line.hasPrefix("False \(broken.kind) linux/amd64 "), "\(line)")
        #expect(line.contains(broken.words), "\(line)")
        #expect(line.hasSuffix(" True True\n"), "\(line)")
    }

    @Test("an image of which one platform differs names it, and says that the other is the same")
    func onePlatform() throws {
        try build("hello arm/hello -o image")
        try Command.shell("printf x >> arm/hello", [], directory: place.path).output()
        let outcome = try coracle("reproduce image --from hello --from arm/hello")
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        #expect(outcome.output.contains("\n  linux/amd64  the same: sha256:"), "\(outcome.output)")
        #expect(outcome.output.contains("\n  linux/arm64/v8  different: sha256:"), "\(outcome.output)")
        #expect(
            outcome.output.contains("arm/hello` is not what is at `/app/hello` in the image (linux/arm64/v8)\n"),
            "\(outcome.output)"
        )
    }

    /// A part of the provenance, what stands there instead, and what is said about it.
    static let lies: [(old: String, new: String, status: Int32, words: String)] = [
        (#""user":"65532:65532""#, #""user":"0:0""#, 0, "it says user `0:0`, and the image has `65532:65532`"),
        (#""name":"label","value":"l=1""#, #""name":"label","value":"l=2""#, 9, "the provenance says `--label l=2`"),
        (#""name":"mtime","value":"77""#, #""name":"mtime","value":"78""#, 9, "the provenance says `--mtime 78`"),
        (#""name":"mtime""#, #""name":"output""#, 4, "`output` is not an option that provenance has"),
        (#""coracle":"0.1.0""#, #""coracle":"0.0.9""#, 0, "the provenance names 0.0.9, and this is "),
        (#""subject":[{"digest":{"sha256":""#, #""subject":[{"digest":{"sha256":"00"#, 4, "error["),
        ("https://slsa.dev/provenance/v1", "https://example.org/other", 3, "is not provenance"),
        (#""name":"/app/hello","digest":{"sha256":""#, #""name":"/app/hello","digest":{"sha512":""#, 0, "the same: "),
    ]

    @Test("provenance that lies is not believed, and makes nothing but the image", arguments: lies)
    func lie(case row: (old: String, new: String, status: Int32, words: String)) throws {
        try build("hello -o image --label l=1 --mtime 77 --provenance-output p.json")
        let text = String(decoding: try readFile(place("p.json")), as: UTF8.self)
        #expect(text.contains(row.old), "\(text)")
        try place.file("lie.json", text.replacing(row.old, with: row.new))
        let outcome = try coracle("reproduce image --from hello --provenance lie.json")
        #expect(outcome.end == .exited(row.status), "\(outcome.output)\(outcome.errors)")
        #expect((outcome.errors + outcome.output).contains(row.words), "\(outcome.output)\(outcome.errors)")
        #expect(try names(in: place.path).sorted() == ["app", "arm", "conf", "hello", "image", "lie.json", "p.json"])
    }

    @Test("a layer that another program compressed is named, with both versions of coracle")
    func compressor() throws {
        try build("hello -o image --provenance-output p.json")
        try Tool.python(Self.recompress, [place("image"), place("p.json")])
        let outcome = try coracle("reproduce image --from hello --provenance p.json")
        #expect(outcome.end == .exited(9), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("first cause: another compressor (linux/amd64)\n"), "\(outcome.output)")
        #expect(outcome.output.contains("the provenance names coracle 0.0.9, and this is "), "\(outcome.output)")
        #expect(outcome.output.contains("Only the compression of layers is different"), "\(outcome.output)")
    }

    /// Compresses the highest layer again with Python's zlib, says so in its annotation, and has the provenance follow.
    private static let recompress = """
        import gzip, hashlib, json, sys
        layout, record = sys.argv[1:]
        def path(digest): return layout + "/blobs/sha256/" + digest.split(":")[1]
        def put(data):
            digest = "sha256:" + hashlib.sha256(data).hexdigest()
            open(path(digest), "wb").write(data)
            return digest, len(data)
        index = json.load(open(layout + "/index.json"))
        old = index["manifests"][0]["digest"]
        manifest = json.load(open(path(old)))
        layer = manifest["layers"][-1]
        tar = gzip.decompress(open(path(layer["digest"]), "rb").read())
        layer["digest"], layer["size"] = put(gzip.compress(tar, 9, mtime=0))
        layer["annotations"]["dev.coracle.layer.compression"] = "libdeflate 1.10, level 2, blocks by path to 1024 KiB"
        entry = index["manifests"][0]
        entry["digest"], entry["size"] = put(json.dumps(manifest).encode())
        json.dump(index, open(layout + "/index.json", "w"))
        text = open(record).read().replace(old.split(":")[1], entry["digest"].split(":")[1])
        open(record, "w").write(text.replace('"coracle":"0.1.0"', '"coracle":"0.0.9"'))
        """

    // MARK: Bases

    @Test("upon a base of packages, which its packages name; another one is named by its packages")
    func packages() throws {
        let base = try SmallBase()
        let program = try FixtureProgram.go("hello").path()
        for variant in ["mini", "mini:root"] {
            let name = "on-\(variant.replacing(":", with: "-"))"
            try base.coracle(["build", program, "--base", variant, "-o", name, "--user", "65532"]).output()
            let outcome = try base.coracle(["reproduce", name, "--from", program]).run()
            #expect(outcome.end == .exited(0), "\(outcome.output)\(outcome.errors)")
            let words = outcome.output.split(whereSeparator: \.isWhitespace)
            #expect(words.contains("debian13/\(variant)"), "\(outcome.output)")
        }
        let squashed = ["build", program, "--base", "mini", "-o", "one", "--squash-base"]
        let made = try base.coracle(squashed).run()
        #expect(made.end == .exited(0), "\(made.errors)")
        let layered = try base.coracle(["reproduce", "one", "--from", program]).run()
        #expect(layered.end == .exited(9), "\(layered.output)\(layered.errors)")
        #expect(layered.output.contains("make the base one layer, as it was: `--squash-base`"), "\(layered.output)")
        let again = try base.coracle(["reproduce", "one", "--from", program, "--squash-base"]).run()
        #expect(again.end == .exited(0), "\(again.output)\(again.errors)")
        // Made of packages, and not by `build`.
        try base.coracle(["base", "build", "mini", "-o", "base"]).output()
        let none = try base.coracle(["reproduce", "base", "--from", program]).run()
        #expect(none.end == .exited(3) && none.errors.contains("error[reproduce.not-ours]"), "\(none.errors)")
    }

    // MARK: Images that cannot be made again

    @Test(
        "an image that does not say how it was made is an error, and so are inputs that are missing",
        arguments: [
            ("history", "del m['history'][0]", "--from hello", 3, "reproduce.history"),
            (
                "diffIDs", "m['rootfs']['diff_ids'].append(m['rootfs']['diff_ids'][0])", "--from hello", 3,
                "reproduce.history"
            ),
            ("nothing", "0", "", 2, "reproduce.source-missing"),
            ("nothing", "0", "--from conf", 3, "program.not-elf"),
        ] as [(String, String, String, Int32, String)]
    )
    func unknown(case row: (what: String, change: String, from: String, status: Int32, code: String)) throws {
        try build("hello -o image")
        let script = """
            import hashlib, json, sys
            layout, change = sys.argv[1:]
            def path(digest): return layout + "/blobs/sha256/" + digest.split(":")[1]
            def put(value):
                data = json.dumps(value).encode()
                digest = "sha256:" + hashlib.sha256(data).hexdigest()
                open(path(digest), "wb").write(data)
                return digest, len(data)
            index = json.load(open(layout + "/index.json"))
            entry = index["manifests"][0]
            manifest = json.load(open(path(entry["digest"])))
            m = json.load(open(path(manifest["config"]["digest"])))
            exec(change)
            manifest["config"]["digest"], manifest["config"]["size"] = put(m)
            entry["digest"], entry["size"] = put(manifest)
            json.dump(index, open(layout + "/index.json", "w"))
            """
        if row.change != "0" { try Tool.python(script, [place("image"), row.change]) }
        let outcome = try coracle("reproduce image \(row.from)")
        #expect(outcome.end == .exited(row.status), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(row.code)"), "\(outcome.errors)")
    }

    @Test(
        "what cannot be meant is refused",
        arguments: [
            ("reproduce", "nothing is named that could be made again"),
            ("reproduce --twice", "name what is built with `--from PATH`"),
            ("reproduce image --from hello -- conf", "stands behind the two hyphens"),
            ("reproduce image --from hello -- --nothing", "--nothing"),
        ]
    )
    func usage(line: String, words: String) throws {
        let outcome = try coracle(line)
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    // MARK: Twice

    @Test(
        "twice in other surroundings is the same",
        arguments: [
            "--from hello -- --env A=1",
            "--from app -- --entrypoint /app/bin/hello --layers auto --add conf:/etc/conf",
            "--from hello --from arm/hello -- --minimal",
        ]
    )
    func twice(line: String) throws {
        try Command.shell("ln app/data/a app/data/second && ln -s data/a app/link", [], directory: place.path).output()
        let outcome = try coracle("reproduce --twice \(line)")
        #expect(outcome.end == .exited(0), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.hasPrefix("twice the same: sha256:"), "\(outcome.output)")
    }

    @Test("twice with the clock's time is not the same")
    func clock() throws {
        let outcome = try coracle("reproduce --twice --from hello -- --created now")
        #expect(outcome.end == .exited(9), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.hasPrefix("twice, and different: sha256:"), "\(outcome.output)")
        #expect(outcome.output.contains("Only times are different"), "\(outcome.output)")
    }

    @Test("twice from an image's inputs is the image, or another one")
    func twiceImage() throws {
        try build("app --entrypoint /app/bin/hello --chown 65532:65532 -o image")
        let same = try coracle("reproduce image --from app --twice")
        #expect(same.end == .exited(0), "\(same.output)\(same.errors)")
        #expect(same.output.contains("\n  and it is the image\n"), "\(same.output)")
        try place.file("app/data/b", "b")
        let other = try coracle("reproduce image --from app --twice --json")
        #expect(other.end == .exited(9), "\(other.output)\(other.errors)")
        #expect(other.output.contains("\"isSame\": false,\n") && other.output.contains("\"isSame\": true,\n"))
    }

    @Test("a build that fails twice says why")
    func failing() throws {
        let outcome = try coracle("reproduce --twice --from conf")
        #expect(outcome.end == .exited(3), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[reproduce.build-failed]: one of the two builds failed"))
        #expect(outcome.errors.contains("because: it ended with status "), "\(outcome.errors)")
    }
}
