import TestSupport
import Testing

@Suite("The image specification's schemas")
struct SchemaTests {
    /// Validates every document of the layout `sys.argv[1]` by the schemas in `sys.argv[2]`; prints the kinds it met.
    private static let script = """
        import json, os, sys
        try:
            import jsonschema
        except ImportError:
            sys.exit("python3-jsonschema is not installed: run `make test-deps`")
        root, folder = sys.argv[1:]
        # Their ids are one folder deeper than the files they refer to: without ids, names are relative to the folder.
        def without_id(members):
            return {k: v for k, v in members.items() if k != "id" or not isinstance(v, str)}
        base = "https://schema.test/"
        store = {}
        for name in os.listdir(folder):
            if name.endswith(".json"):
                store[base + name] = json.load(open(os.path.join(folder, name)), object_hook=without_id)
        def check(name, document):
            schema = store[base + name]
            resolver = jsonschema.RefResolver(base + name, schema, store=store)
            jsonschema.Draft4Validator(schema, resolver=resolver).validate(document)
            met.add(name)
        def load(descriptor):
            return json.load(open(root + "/blobs/" + descriptor["digest"].replace(":", "/")))
        def follow(descriptor):
            check("content-descriptor.json", descriptor)
            document = load(descriptor)
            if descriptor["mediaType"].endswith("index.v1+json"):
                check("image-index-schema.json", document)
                for child in document["manifests"]:
                    follow(child)
            else:
                check("image-manifest-schema.json", document)
                check("config-schema.json", load(document["config"]))
        met = set()
        check("image-layout-schema.json", json.load(open(root + "/oci-layout")))
        index = json.load(open(root + "/index.json"))
        check("image-index-schema.json", index)
        for descriptor in index["manifests"]:
            follow(descriptor)
        for broken in ({}, {"schemaVersion": 1, "manifests": []}):
            try:
                check("image-index-schema.json", broken)
                sys.exit("the schema accepts everything")
            except jsonschema.ValidationError:
                pass
        print(len(met))
        """

    @Test("every document of an image for two platforms is valid")
    func twoPlatforms() throws {
        let place = try TemporaryDirectory()
        try Images.forTwoPlatforms(in: place)
        #expect(try Tool.python(Self.script, [place("image"), "\(FixtureProgram.sources)/schema"]) == "5\n")
    }

    @Test("so is every document of an image with all that a config can say")
    func everything() throws {
        let place = try TemporaryDirectory()
        try Images.probe(
            in: place,
            [
                "--env", "A=1", "--label", "l=1", "--annotation", "a=1", "--cmd", "x", "--expose", "53/udp", "--volume",
                "/data",
                "--stop-signal", "SIGINT", "--workdir", "/tmp", "--user", "nobody", "--created", "2026-01-01T00:00:00Z",
            ]
        )
        #expect(try Tool.python(Self.script, [place("image"), "\(FixtureProgram.sources)/schema"]) == "5\n")
    }

    @Test("oci-image-tool validates the layout")
    func imageTool() throws {
        let place = try TemporaryDirectory()
        try Images.probe(in: place)
        // By `image` this version means a layout, too: it sees which, and knows no `--type imageLayout`.
        let outcome = try Command("oci-image-tool", ["validate", "--type", "image", place("image")]).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)\(outcome.output)")
        #expect((outcome.errors + outcome.output).contains("Validation succeeded"))
    }
}
