import Diagnostics
import OCI
import Testing

@Suite("Manifest and index")
struct ManifestTests {
    private static let config =
        #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:\#(digits)","size":2}"#
    private static let layer =
        #"{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:\#(digits)","size":3}"#
    private static let entry =
        #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:\#(digits)","size":4}"#
    private static let manifest = """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"a/b",\
        "config":\(config),"layers":[\(layer),\(layer)],"subject":\(entry),"annotations":{"k":"v"},"x":[0.10]}
        """
    private static let index = """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","artifactType":"a/b",\
        "manifests":[\(entry)],"subject":\(entry),"annotations":{"k":"v"},"x":[0.10]}
        """

    private static func parse(_ source: String) throws -> JSON { try JSON(parsing: Array(source.utf8), named: "m") }

    @Test("a manifest is read and written with all its members")
    func manifestRoundTrip() throws {
        let manifest = try Manifest(Self.parse(Self.manifest), named: "m")
        #expect(manifest.mediaType == .imageManifest)
        #expect(manifest.artifactType?.rawValue == "a/b")
        #expect(manifest.config.size == 2)
        #expect(manifest.layers.map(\.size) == [3, 3])
        #expect(manifest.subject?.size == 4)
        #expect(manifest.annotations == ["k": "v"])
        #expect(text(manifest.json.encoded()) == Self.manifest)
        #expect(try Manifest(manifest.json, named: "m") == manifest)
    }

    @Test("an index is read and written with all its members")
    func indexRoundTrip() throws {
        let index = try Index(Self.parse(Self.index), named: "m")
        #expect(index.mediaType == .imageIndex)
        #expect(index.manifests.map(\.size) == [4])
        #expect(index.subject?.size == 4)
        #expect(index.annotations == ["k": "v"])
        #expect(text(index.json.encoded()) == Self.index)
        #expect(try Index(index.json, named: "m") == index)
    }

    @Test("our own manifest and index say what they are")
    func own() throws {
        let descriptor = try Descriptor(Self.parse(Self.layer), named: "d")
        #expect(
            text(Manifest(config: descriptor, layers: []).json.encoded(sortedKeys: true))
                == #"{"config":{"digest":"sha256:\#(digits)","mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":3},"#
                + #""layers":[],"mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2}"#
        )
        #expect(
            text(Index(manifests: []).json.encoded(sortedKeys: true))
                == #"{"manifests":[],"mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}"#
        )
    }

    @Test("Docker's manifest and list are read, and stay Docker's")
    func docker() throws {
        let manifest = try Manifest(
            Self.parse(
                #"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":\#(Self.config),"layers":[]}"#
            ),
            named: "m"
        )
        #expect(manifest.mediaType == .dockerManifest)
        #expect(manifest.json["mediaType"] == .string(MediaType.dockerManifest.rawValue))
        let list = try Index(
            Self.parse(
                #"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","manifests":[]}"#
            ),
            named: "m"
        )
        #expect(list.mediaType == .dockerManifestList)
    }

    @Test("a document without a media type keeps none; a list that Go wrote as null is empty")
    func silent() throws {
        let index = try Index(Self.parse(#"{"schemaVersion":2,"manifests":null}"#), named: "m")
        #expect(index.mediaType == nil)
        #expect(text(index.json.encoded()) == #"{"schemaVersion":2,"manifests":[]}"#)
    }

    @Test(
        "a manifest that could be something else is refused",
        arguments: [
            (#"{"config":C,"layers":[]}"#, "`schemaVersion` is missing"),
            (#"{"schemaVersion":1,"config":C,"layers":[]}"#, "schemaVersion: schema 1 is not supported, only 2"),
            (#"{"schemaVersion":3,"config":C,"layers":[]}"#, "schemaVersion: schema 3 is not supported, only 2"),
            (
                #"{"schemaVersion":"2","config":C,"layers":[]}"#,
                "schemaVersion: expected a whole number, found a string"
            ),
            (#"{"schemaVersion":2,"layers":[]}"#, "`config` is missing"),
            (#"{"schemaVersion":2,"config":C}"#, "`layers` is missing"),
            (#"{"schemaVersion":2,"config":null,"layers":[]}"#, "config: expected an object, found null"),
            (#"{"schemaVersion":2,"config":C,"layers":{}}"#, "layers: expected an array, found an object"),
            (#"{"schemaVersion":2,"config":C,"layers":[C,7]}"#, "layers[1]: expected an object, found a number"),
            (#"{"schemaVersion":2,"config":C,"layers":[{}]}"#, "layers[0]: `mediaType` is missing"),
            (
                #"{"schemaVersion":2,"config":C,"layers":[],"manifests":[]}"#,
                "it has `manifests`, which makes it two kinds of document at once"
            ),
            (
                #"{"schemaVersion":2,"config":C,"layers":[],"manifests":null}"#,
                "it has `manifests`, which makes it two kinds of document at once"
            ),
            (
                #"{"schemaVersion":2,"config":C,"layers":[],"Manifests":[]}"#,
                "it has `Manifests`, which makes it two kinds of document at once"
            ),
            (
                #"{"schemaVersion":2,"config":C,"layers":[],"fsLayers":[]}"#,
                "it has `fsLayers`, which makes it two kinds of document at once"
            ),
            (
                #"{"schemaVersion":2,"Config":C,"config":C,"layers":[]}"#,
                "`Config` differs from `config` only in case, and some readers take it for that"
            ),
            (
                #"{"schemaVersion":2,"config":C,"layers":[],"Subject":C}"#,
                "`Subject` differs from `subject` only in case, and some readers take it for that"
            ),
            (
                #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":C,"layers":[]}"#,
                "mediaType: `application/vnd.oci.image.index.v1+json` is another kind of document"
            ),
        ] as [(String, String)]
    )
    func refusesManifest(source: String, reason: String) throws {
        let source = source.split(separator: "C", omittingEmptySubsequences: false).map(String.init)
        let problem = try problem { _ = try Manifest(Self.parse(Self.filled(source)), named: "m") }
        #expect(problem.code.category == .verification)
        #expect(problem.code.rawValue == "json.unexpected")
        #expect(problem.reason == reason)
    }

    /// A `C` that does not begin a word stands for a config's descriptor.
    private static func filled(_ parts: [String]) -> String {
        parts.dropFirst().reduce(parts.first ?? "") { $0 + ($1.hasPrefix("onfig") ? "C" : config) + $1 }
    }

    @Test(
        "an index that could be something else is refused",
        arguments: ["config", "layers", "fsLayers", "Layers", "layer\u{17F}"]
    )
    func refusesIndex(key: String) throws {
        let problem = try problem {
            _ = try Index(Self.parse(#"{"schemaVersion":2,"manifests":[],"\#(key)":[]}"#), named: "m")
        }
        #expect(problem.code.rawValue == "json.unexpected")
        #expect(problem.reason == "it has `\(key)`, which makes it two kinds of document at once")
    }

    @Test("an index's entries are named by their place")
    func badEntry() throws {
        let json = try Self.parse(
            #"{"schemaVersion":2,"manifests":[\#(Self.entry),{"mediaType":"a/b","digest":"sha256:x","size":1}]}"#
        )
        let problem = try problem { _ = try Index(json, named: "m") }
        #expect(problem.code.rawValue == "digest.malformed")
        #expect(problem.reason == "it stands at manifests[1].digest")
    }
}
