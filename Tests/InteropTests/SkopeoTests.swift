import TestSupport
import Testing

@Suite("skopeo reads what coracle writes")
struct SkopeoTests {
    @Test("a layout has the digest that was printed, and the configuration that was asked for")
    func inspect() throws {
        let place = try TemporaryDirectory()
        let reference = try Images.probe(
            in: place,
            ["--env", "A=b=c", "--label", "x.y=z", "--expose", "80", "--cmd", "one"]
        )
        let digest = try Command("skopeo", ["inspect", "--format", "{{.Digest}}", "oci:\(place("image")):1"]).output()
        #expect(try digest == "\(Images.digest(reference))\n")
        let config = try Command("skopeo", ["inspect", "--config", "oci:\(place("image")):1"]).output()
        try place.file("config.json", config)
        let script = """
            import json, sys
            document = json.load(open(sys.argv[1]))
            config = document["config"]
            print(document["os"], document["architecture"], document["created"])
            print(config["User"], config["Entrypoint"], config["Cmd"], config["Labels"], config["ExposedPorts"], "A=b=c" in config["Env"])
            print(len(document["rootfs"]["diff_ids"]), sum(1 for step in document["history"] if not step.get("empty_layer")))
            """
        #expect(
            try Tool.python(script, [place("config.json")]) == """
                linux amd64 1970-01-01T00:00:00Z
                65532:65532 ['/app/probe'] ['one'] {'x.y': 'z'} {'80/tcp': {}} True
                2 2

                """
        )
    }

    @Test("a copy to another layout keeps the digest", arguments: ["oci", "oci-archive"])
    func copy(transport: String) throws {
        let place = try TemporaryDirectory()
        let digest = try Images.digest(Images.probe(in: place))
        let target = "\(transport):\(place("copy")):1"
        try Command("skopeo", ["copy", "-q", "oci:\(place("image")):1", target]).output()
        #expect(try Command("skopeo", ["inspect", "--format", "{{.Digest}}", target]).output() == "\(digest)\n")
    }

    @Test("a copy to a Docker archive has the same layers, uncompressed")
    func dockerArchive() throws {
        let place = try TemporaryDirectory()
        try Images.probe(in: place)
        let target = "docker-archive:\(place("docker.tar")):localhost/probe:1"
        try Command("skopeo", ["copy", "-q", "oci:\(place("image")):1", target]).output()
        let layers = try ["oci:\(place("image")):1", "docker-archive:\(place("docker.tar"))"].map { image in
            let config = try Command("skopeo", ["inspect", "--config", image]).output()
            return try #require(config.firstMatch(of: #/"diff_ids":\s*\[([^\]]*)\]/#)).1.filter { !$0.isWhitespace }
        }
        #expect(layers[0] == layers[1])
    }

    @Test("coracle's archive is an OCI archive and a Docker archive", arguments: ["oci-archive", "docker-archive"])
    func archive(transport: String) throws {
        let place = try TemporaryDirectory()
        try Images.probe(in: place, output: "image.tar")
        let config = try Command("skopeo", ["inspect", "--config", "\(transport):\(place("image.tar"))"]).output()
        #expect(config.contains(#""/app/probe""#))
    }

    @Test("an image for two platforms is an index, and each platform is found")
    func index() throws {
        let place = try TemporaryDirectory()
        let digest = try Images.digest(Images.forTwoPlatforms(in: place))
        let image = "oci:\(place("image")):1"
        let raw = try Command("skopeo", ["inspect", "--raw", image]).run().outputBytes
        try place.file("raw.json", raw)
        #expect(try Command("sha256sum", [place("raw.json")]).output().hasPrefix(digest.dropFirst("sha256:".count)))
        let script = """
            import json, sys
            index = json.load(open(sys.argv[1]))
            print(index["mediaType"], ["/".join(filter(None, map(m["platform"].get, ["os", "architecture", "variant"]))) for m in index["manifests"]])
            """
        #expect(
            try Tool.python(script, [place("raw.json")])
                == "application/vnd.oci.image.index.v1+json ['linux/amd64', 'linux/arm64/v8']\n"
        )
        try Command("skopeo", ["copy", "-q", "--all", image, "oci:\(place("all")):1"]).output()
        #expect(try Command("skopeo", ["inspect", "--raw", "oci:\(place("all")):1"]).run().outputBytes == raw)
        for architecture in ["amd64", "arm64"] {
            let found = try Command(
                "skopeo",
                ["--override-arch", architecture, "inspect", "--format", "{{.Architecture}}", image]
            ).output()
            #expect(found == "\(architecture)\n")
        }
    }
}
