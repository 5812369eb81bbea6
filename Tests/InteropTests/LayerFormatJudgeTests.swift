import TestSupport
import Testing

@Suite("Other programs read layers of each format")
struct LayerFormatJudgeTests {
    /// Compares each layer, which skopeo has decompressed, with the diffID of the config, and prints the media types.
    private static let comparison = """
        import hashlib, json, sys
        def load(place, descriptor):
            return json.load(open(place + "/blobs/" + descriptor["digest"].replace(":", "/")))
        layout, copy = sys.argv[1:]
        entry = json.load(open(layout + "/index.json"))["manifests"][0]
        manifest = load(layout, entry)
        wanted = load(layout, manifest["config"])["rootfs"]["diff_ids"]
        plain = json.load(open(copy + "/manifest.json"))["layers"]
        found = ["sha256:" + hashlib.sha256(open(copy + "/" + layer["digest"].split(":")[1], "rb").read()).hexdigest()
                 for layer in plain]
        assert found == wanted, (found, wanted)
        print(" ".join(layer["mediaType"].rsplit(".", 1)[1] for layer in manifest["layers"]))
        """

    @Test(
        "skopeo decompresses them to their diffIDs, coracle checks them, and a zstd copy comes back as gzip",
        arguments: [("zstd", "tar+zstd"), ("zstd:chunked", "tar+zstd"), ("estargz", "tar+gzip")]
    )
    func formats(format: String, type: String) throws {
        let place = try TemporaryDirectory()
        try place.file("app/server", readFile(FixtureProgram.go("hello").path()), mode: 0o755)
        try place.file("app/empty", "")
        try place.file("app/naïve ünïcode/日本", "bytes")
        try place.file("app/\(String(repeating: "directory-name-of-thirty-bytes/", count: 12))file", "deep")
        try Command.shell("cd app && ln -s empty link && ln empty other && mkdir void", directory: place.path).output()
        let options = ["--entrypoint", "/app/server", "-t", "a/b:1"]
        let build = ["build", "app"] + options + ["--compression", format, "-o", "image"]
        let reference = try Built.coracle(build, directory: place.path).output()
        try Skopeo.run(["copy", "--dest-decompress", "oci:\(place("image")):1", "dir:\(place("plain"))"])
        #expect(try Tool.python(Self.comparison, [place("image"), place("plain")]) == "\(type) \(type)\n")
        try Built.coracle(["check", "image"], directory: place.path).output()

        // The same again from the cache, and without.
        let cache = ["CORACLE_CACHE": place("cache")]
        for output in ["first", "second"] {
            let again = ["build", "app"] + options + ["--compression", format, "-o", output]
            let outcome = try Built.coracle(again, environment: cache, directory: place.path).output()
            #expect(try Images.digest(outcome) == Images.digest(reference))
        }
        guard format != "estargz" else { return }
        try Built.coracle(["build", "app"] + options + ["-o", "gzip"], directory: place.path).output()
        try Built.coracle(["copy", "oci:image", "oci:copy", "--compression", "gzip"], directory: place.path).output()
        let difference = try Built.coracle(
            ["diff", "gzip", "copy", "--ignore", "compression"],
            directory: place.path
        ).run()
        #expect(difference.end == .exited(0), "\(difference.output)\(difference.errors)")
    }

    @Test("Docker's manifests, and copies of indexed formats, are refused with the way out")
    func refused() throws {
        let place = try TemporaryDirectory()
        let program = try FixtureProgram.go("hello").path()
        func codes(_ arguments: [String]) throws -> String {
            let outcome = try Built.coracle(arguments, directory: place.path).run()
            #expect(outcome.end != .exited(0))
            return outcome.errors
        }
        let docker = try codes(["build", program, "-o", "a", "--format", "docker", "--compression", "zstd"])
        #expect(docker.contains("error[usage.conflict]") && docker.contains("`--compression gzip`"), "\(docker)")
        let prefetch = try codes(["build", program, "-o", "a", "--prefetch", "/dev/null", "--compression", "brotli"])
        #expect(prefetch.contains("error[usage.malformed]"), "\(prefetch)")
        try Built.coracle(["build", program, "-o", "image"], directory: place.path).output()
        for format in ["zstd:chunked", "estargz"] {
            let copy = try codes(["copy", "oci:image", "oci:copy", "--compression", format])
            #expect(copy.contains("error[recompress.refused]"), "\(copy)")
        }
    }
}
