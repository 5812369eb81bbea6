import TestSupport
import Testing

@Suite("Other programs read the layers")
struct LayerTests {
    /// A directory with the kinds of entries and names that a tar has several ways to write.
    private static func application() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("app/server", readFile(FixtureProgram.go("hello").path()), mode: 0o755)
        try place.file("app/empty", "")
        try place.file("app/naïve ünïcode/日本", "bytes")
        try place.file("app/new\nline and \\ backslash", "odd")
        let long = String(repeating: "directory-name-of-thirty-bytes/", count: 12)
        try place.file("app/\(long)file", "deep")
        try place.file("app/\(String(repeating: "n", count: 255))", "long name")
        try Command.shell(
            #"cd app && ln -s empty link && ln -s "$1" long-link && ln -s server "$(printf 'l%.0s' $(seq 120))" && mkdir void"#,
            ["\(long)file"],
            directory: place.path
        ).output()
        try Built.coracle(
            ["build", "app", "--entrypoint", "/app/server", "-t", "a/b:1", "-o", "image"],
            directory: place.path
        ).output()
        return place
    }

    /// The paths of the layers in `place`'s image, in the manifest's order.
    private static func layers(in place: TemporaryDirectory) throws -> [String] {
        let script = """
            import json, sys
            root = sys.argv[1]
            def load(descriptor):
                return json.load(open(root + "/blobs/" + descriptor["digest"].replace(":", "/")))
            manifest = load(json.load(open(root + "/index.json"))["manifests"][0])
            for layer in manifest["layers"]:
                print(root + "/blobs/" + layer["digest"].replace(":", "/"))
            """
        let layers = try Tool.python(script, [place("image")]).split(separator: "\n").map(String.init)
        guard layers.count == 2 else { throw SupportError("expected two layers, not \(layers)") }
        return layers
    }

    @Test("gzip finds every layer intact, and nothing after it")
    func gzip() throws {
        let place = try Self.application()
        for layer in try Self.layers(in: place) {
            let outcome = try Command("gzip", ["-t", "-v"], input: readFile(layer)).run()
            #expect(outcome.end == .exited(0))
            #expect(!outcome.errors.contains("trailing garbage"), "\(outcome.errors)")
        }
    }

    @Test("GNU tar and bsdtar list the same names")
    func listings() throws {
        let place = try Self.application()
        for layer in try Self.layers(in: place) {
            let outcomes = try [
                // Names as they are: both escape them, each in its own way.
                Command("tar", ["--quoting-style=literal", "-tzf", layer], environment: ["LC_ALL": "C.UTF-8"]).run(),
                Command.shell(
                    #"bsdtar -cf - @"$1" | tar --quoting-style=literal -tf -"#,
                    [layer],
                    environment: ["LC_ALL": "C.UTF-8"]
                ).run(),
            ]
            for outcome in outcomes {
                #expect(outcome.end == .exited(0))
                #expect(outcome.errors.isEmpty, "\(outcome.errors)")
            }
            #expect(outcomes[0].output.contains("\n"))
            #expect(outcomes[0].output == outcomes[1].output)
        }
    }

    @Test("GNU tar, bsdtar and Python unpack what went in", arguments: ["tar", "bsdtar", "python"])
    func unpack(program: String) throws {
        let place = try Self.application()
        let layer = try Self.layers(in: place)[1]
        try place.directory("out")
        switch program {
        case "python":
            try Tool.python(
                "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])",
                [layer, place("out")]
            )
        default:
            let outcome = try Command(
                program,
                ["-xpzf", layer, "-C", place("out")],
                environment: ["LC_ALL": "C.UTF-8"]
            ).run()
            #expect(outcome.end == .exited(0))
            #expect(outcome.errors.isEmpty, "\(outcome.errors)")
        }
        let difference = try Command("diff", ["-r", "--no-dereference", place("app"), place("out/app")]).run()
        #expect(difference.end == .exited(0), "\(difference.output)")
        let facts = try Command(
            "stat",
            ["-c", "%a %Y", place("out/app/server"), place("out/app/empty"), place("out/app/void")]
        ).output()
        #expect(facts == "755 0\n644 0\n755 0\n")
    }

    @Test("Python reads every byte of every entry, in either layer")
    func tarfile() throws {
        let place = try Self.application()
        let script = """
            import sys, tarfile
            for path in sys.argv[1:]:
                names = set()
                with tarfile.open(path, errorlevel=2) as tar:
                    for entry in tar:
                        assert entry.name not in names, entry.name
                        names.add(entry.name)
                        assert "/" not in entry.name or entry.name.rpartition("/")[0] in names, entry.name
                        if entry.isfile():
                            assert len(tar.extractfile(entry).read()) == entry.size, entry.name
                        assert (entry.uname, entry.gname) == ("", ""), entry.name
                    assert len(names) > 5
            print("read")
            """
        #expect(try Tool.python(script, Self.layers(in: place)) == "read\n")
    }
}
