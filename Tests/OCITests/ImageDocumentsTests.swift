import OCI
import Testing

@Suite("The documents of one image or several")
struct ImageDocumentsTests {
    private func image(_ architecture: String) -> ImageDocuments.Image {
        let platform = Platform(os: "linux", architecture: architecture)
        let layer = Descriptor(mediaType: .layerTarGzip, digest: Digest(sha256Of: []), size: 1)
        return ImageDocuments.Image(
            platform,
            config: ImageConfig(platform: platform, config: ImageConfig.Execution(), diffIDs: [], history: []),
            layers: [layer],
            annotations: ["a": architecture]
        )
    }

    @Test("one image has no index: a name points to its manifest")
    func one() {
        let image = image("arm64")
        let documents = ImageDocuments([image], annotations: ["of": "the index"])
        #expect(documents.index == nil)
        #expect(documents.top == image.entry)
        #expect(documents.top.platform == image.platform)
        #expect(documents.encoded.map(\.descriptor) == [image.config.descriptor, image.manifest.descriptor])
    }

    @Test("the index of several images lists them in their order, and comes after all of them")
    func several() {
        let images = ["s390x", "arm64", "amd64"].map(image)
        let documents = ImageDocuments(images, annotations: ["of": "the index"])
        #expect(documents.index?.content == Index(manifests: images.map(\.entry), annotations: ["of": "the index"]))
        #expect(documents.top == documents.index?.descriptor)
        #expect(
            documents.encoded.map(\.descriptor)
                == images.flatMap { [$0.config.descriptor, $0.manifest.descriptor] } + [documents.top]
        )
        for document in documents.encoded {
            #expect(document.descriptor.digest == Digest(sha256Of: document.bytes))
            #expect(document.descriptor.size == Int64(document.bytes.count))
        }
    }

    @Test("the manifest has its config, its layers and its annotations")
    func manifest() {
        let image = image("amd64")
        let manifest = image.manifest.content
        #expect(manifest.config == image.config.descriptor)
        #expect(manifest.layers.map(\.size) == [1])
        #expect(manifest.annotations == ["a": "amd64"])
    }

    @Test(
        "what most machines can run comes first for a loader, the others in their order",
        arguments: [
            (["s390x", "amd64", "arm64"], ["amd64", "s390x", "arm64"]), (["arm64", "s390x"], ["arm64", "s390x"]),
            (["amd64"], ["amd64"]),
        ]
    )
    func mostCommonFirst(architectures: [String], expected: [String]) {
        let documents = ImageDocuments(architectures.map(image))
        #expect(documents.mostCommonFirst.map(\.platform.architecture) == expected)
    }
}
