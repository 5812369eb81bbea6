import Images
import OCI
import Testing

@Suite("What an image says of its base")
struct BaseClaimTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)
    private static let other = "sha256:" + String(repeating: "b", count: 64)

    /// An image with layers whose diffIDs are the numbers given.
    private static func image(
        _ layers: [Int],
        annotations: [String: String] = [:],
        entry: [String: String]? = nil,
        index: [String: String]? = nil,
        labels: [String: String] = [:],
        ownFrom first: Int? = nil
    ) -> PlatformImage {
        func digest(_ number: Int) -> Digest { Digest(sha256Of: Array("\(number)".utf8)) }
        let config = ImageConfig(
            platform: .linuxAMD64,
            config: ImageConfig.Execution(labels: labels),
            diffIDs: layers.map { DiffID(digest($0)) }
        )
        let document = Document(encoding: config, as: .imageConfig)
        let manifest = Manifest(
            config: document.descriptor,
            layers: layers.enumerated().map { place, number in
                let isOwn = first.map { place >= $0 } ?? false
                return Descriptor(
                    mediaType: .layerTarGzip,
                    digest: digest(number + 1000),
                    size: 1,
                    annotations: isOwn ? [AnnotationKey.compression: "x"] : nil
                )
            },
            annotations: annotations
        )
        let written = Document(encoding: manifest, as: .imageManifest)
        var descriptor = written.descriptor
        descriptor.annotations = entry
        return PlatformImage(
            entry: descriptor,
            index: index.map { Document(encoding: Index(manifests: [descriptor], annotations: $0), as: .imageIndex) },
            manifest: written,
            config: document
        )
    }

    private static func diffID(_ number: Int) -> String { "\(Digest(sha256Of: Array("\(number)".utf8)))" }

    @Test("annotations of the manifest, of the index and its entries, labels, and the border of coracle's layers")
    func claims() throws {
        let name = [AnnotationKey.baseName: "registry.example/base:1"]
        let both = name.merging([AnnotationKey.baseDigest: Self.digest]) { $1 }
        let image = Self.image([1, 2, 3], annotations: both, entry: name, index: both, labels: name, ownFrom: 2)
        let digest = try Digest(parsing: Self.digest)
        #expect(
            BaseClaim.claims(of: image) == [
                BaseClaim(.annotation, name: "registry.example/base:1", digest: digest),
                BaseClaim(.annotation, name: "registry.example/base:1"),
                BaseClaim(.label, name: "registry.example/base:1"), BaseClaim(.layers, layerCount: 2),
            ]
        )
        #expect(BaseClaim.claims(of: Self.image([1, 2])).isEmpty)
    }

    @Test("a digest that is not one is said, and the name still counts")
    func malformed() {
        let annotations = [AnnotationKey.baseName: "a/b:1", AnnotationKey.baseDigest: "sha256:zz"]
        let claims = BaseClaim.claims(of: Self.image([1], annotations: annotations))
        #expect(
            claims == [
                BaseClaim(.annotation, name: "a/b:1", flaw: "its base's digest `sha256:zz` is not a digest")
            ]
        )
    }

    @Test("the record of buildpacks names the run image, and its uppermost layer by diffID")
    func buildpacks() throws {
        func claims(_ record: String) -> [BaseClaim] {
            BaseClaim.claims(of: Self.image([1, 2, 3], labels: ["io.buildpacks.lifecycle.metadata": record]))
        }
        let reference = "registry.example/run@\(Self.digest)"
        let top = Self.diffID(2)
        #expect(
            claims(
                #"{"runImage":{"topLayer":"\#(top)","reference":"\#(reference)","image":"registry.example/run:1"}}"#
            ) == [
                BaseClaim(
                    .buildpacks,
                    name: "registry.example/run:1",
                    digest: try Digest(parsing: Self.digest),
                    layerCount: 2
                )
            ]
        )
        #expect(
            claims(#"{"stack":{"runImage":{"image":"registry.example/run:2"}}}"#) == [
                BaseClaim(.buildpacks, name: "registry.example/run:2")
            ]
        )
        for record in ["", "{", "[]", #"{"runImage":[]}"#, #"{"runImage":{"image":3}}"#] {
            #expect(claims(record).isEmpty, "\(record)")
        }
        let unknown = claims(#"{"runImage":{"topLayer":"\#(Self.other)","image":"registry.example/run:1"}}"#)
        #expect(unknown.first?.layerCount == nil)
        #expect(unknown.first?.flaw == "its base's uppermost layer `\(Self.other)` is not among its layers")
    }

    @Test("a claim names a base by the digest of its index or of an image in it")
    func names() throws {
        let (own, other) = (try Digest(parsing: Self.digest), try Digest(parsing: Self.other))
        let claim = BaseClaim(.annotation, digest: own)
        #expect(claim.names(own))
        #expect(claim.names(other, [own]))
        #expect(!claim.names(other))
        #expect(!BaseClaim(.annotation, name: "a/b:1").names(own))
    }

    @Test(
        "a base is proved if all of its layers are the image's lowest ones",
        arguments: [
            ([1, 2], 2, nil), ([1, 2, 3, 4], 4, nil),
            ([1, 9], nil, "of its 2 layers, only the lowest 1 are the image's lowest, too"),
            ([2, 1], nil, "its 2 layers are not the image's lowest ones"), ([], nil, "it has no layers"),
            ([2], nil, "its only layer is not the image's lowest one"),
            ([1, 2, 3, 4, 5], nil, "of its 5 layers, only the lowest 4 are the image's lowest, too"),
        ] as [([Int], Int?, String?)]
    )
    func proof(base: [Int], count: Int?, reason: String?) {
        let origin = BaseOrigin(.named, name: "b", Self.image(base), of: Self.image([1, 2, 3, 4]))
        #expect(origin.layerCount == count)
        #expect(origin.standing == reason.map { .refuted($0) } ?? .proved)
    }
}

extension Platform {
    fileprivate static let linuxAMD64 = Platform(os: "linux", architecture: "amd64")
}
