import Diagnostics
import OCI
import Testing

@Suite("Descriptor")
struct DescriptorTests {
    private static let source = """
        {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:\(digits)","size":7682,\
        "urls":["https://example.com/x"],"annotations":{"a":"1","b":"2"},\
        "platform":{"architecture":"arm64","os":"linux","variant":"v8","features":["x"]},\
        "artifactType":"application/example","data":"e30=","x.unknown":{"deep":[1.50,null]}}
        """

    @Test("a descriptor is read with all its members, and written with those that we do not know")
    func roundTrip() throws {
        let descriptor = try Descriptor(JSON(parsing: Array(Self.source.utf8), named: "d"), named: "d")
        #expect(descriptor.mediaType == .imageManifest)
        #expect(descriptor.digest.hex == digits)
        #expect(descriptor.size == 7682)
        #expect(descriptor.urls == ["https://example.com/x"])
        #expect(descriptor.annotations == ["a": "1", "b": "2"])
        #expect(descriptor.platform?.description == "linux/arm64/v8")
        #expect(descriptor.artifactType?.rawValue == "application/example")
        #expect(text(descriptor.json.encoded()) == Self.source)
    }

    @Test("changed members are written over those that were read")
    func edited() throws {
        var descriptor = try Descriptor(JSON(parsing: Array(Self.source.utf8), named: "d"), named: "d")
        descriptor.annotations = nil
        descriptor.urls = nil
        descriptor.artifactType = nil
        descriptor.platform?.variant = nil
        descriptor.size = 1
        let expected = """
            {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:\(digits)","size":1,\
            "platform":{"architecture":"arm64","os":"linux","features":["x"]},\
            "data":"e30=","x.unknown":{"deep":[1.50,null]}}
            """
        #expect(text(descriptor.json.encoded()) == expected)
    }

    @Test("a descriptor that was written is equal to the one that is read")
    func equality() throws {
        let descriptor = Descriptor(
            mediaType: .layerTarGzip,
            digest: try Digest(parsing: "sha256:\(digits)"),
            size: 0,
            platform: Platform(os: "linux", architecture: "amd64"),
            annotations: [:]
        )
        #expect(try Descriptor(descriptor.json, named: "d") == descriptor)
    }

    @Test("annotations are written sorted, whatever order they were made in")
    func sortedAnnotations() throws {
        let keys = (0..<50).map { "key\($0)" }
        let descriptor = Descriptor(
            mediaType: .layerTar,
            digest: try Digest(parsing: "sha256:\(digits)"),
            size: 0,
            annotations: Dictionary(uniqueKeysWithValues: keys.shuffled().map { ($0, "") })
        )
        #expect(descriptor.json["annotations"]?.objectValue?.keys == keys.sorted())
    }

    @Test(
        "what is wrong with a descriptor is named by its place",
        arguments: [
            (#"{"digest":"sha256:D","size":1}"#, "`mediaType` is missing"),
            (#"{"mediaType":"a/b","size":1}"#, "`digest` is missing"),
            (#"{"mediaType":"a/b","digest":"sha256:D"}"#, "`size` is missing"),
            (#"{"mediaType":"","digest":"sha256:D","size":1}"#, "mediaType: `` is not a media type"),
            (
                #"{"mediaType":"a/b\r\nX: y","digest":"sha256:D","size":1}"#,
                "mediaType: `a/b\r\nX: y` is not a media type"
            ),
            (#"{"mediaType":"a/b","digest":"sha256:../../x","size":1}"#, "it stands at digest"),
            (#"{"mediaType":"a/b","digest":7,"size":1}"#, "digest: expected a string, found a number"),
            (#"{"mediaType":"a/b","digest":"sha256:D","size":-1}"#, "size: -1 is not a size"),
            (#"{"mediaType":"a/b","digest":"sha256:D","size":1e3}"#, "size: `1e3` is not a whole number of 64 bits"),
            (
                #"{"mediaType":"a/b","digest":"sha256:D","size":9223372036854775808}"#,
                "size: `9223372036854775808` is not a whole number of 64 bits"
            ),
            (#"{"mediaType":"a/b","digest":"sha256:D","size":"1"}"#, "size: expected a whole number, found a string"),
            (
                #"{"mediaType":"a/b","digest":"sha256:D","size":1,"urls":"u"}"#,
                "urls: expected an array, found a string"
            ),
            (
                #"{"mediaType":"a/b","digest":"sha256:D","size":1,"annotations":{"k":1}}"#,
                "annotations.k: expected a string, found a number"
            ),
            (
                #"{"mediaType":"a/b","digest":"sha256:D","size":1,"platform":{"os":"linux"}}"#,
                "platform: `architecture` is missing"
            ),
            (
                #"{"mediaType":"a/b","digest":"sha256:D","size":1,"Annotations":{}}"#,
                "`Annotations` differs from `annotations` only in case, and some readers take it for that"
            ),
            ("[]", "expected an object, found an array"),
        ]
    )
    func refuses(source: String, reason: String) throws {
        let source = source.split(separator: "sha256:D", omittingEmptySubsequences: false).joined(
            separator: "sha256:\(digits)"
        )
        let json = try JSON(parsing: Array(source.utf8), named: "d")
        let problem = try problem { _ = try Descriptor(json, named: "d") }
        #expect(problem.code.category == .verification)
        #expect(problem.reason == reason)
    }
}
