import ByteIO
import Check
import Diagnostics
import OCI
import Store
import TestSupport
import Testing

@Suite("How layers are stored")
struct LayerEncodingTests {
    /// A layout of one image whose only layer is what `command` makes of a tar, called `mediaType`.
    private func validate(_ command: String, _ mediaType: MediaType) throws -> ImageValidator {
        let scratch = try TemporaryDirectory()
        try scratch.file("hello", "hello")
        try Command.shell(#"tar -C "$1" -cf "$1/tar" hello"#, [scratch.path]).output()
        let tar = try readFile(scratch("tar"))
        let layer = try Command("sh", ["-c", command], input: tar).run().outputBytes
        let blob = Descriptor(mediaType: mediaType, digest: Digest(sha256Of: layer), size: Int64(layer.count))
        var content = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        content.diffIDs = [DiffID(Digest(sha256Of: tar))]
        let config = Document(encoding: content, as: .imageConfig)
        let manifest = Document(encoding: Manifest(config: config.descriptor, layers: [blob]), as: .imageManifest)
        let index = Document(encoding: Index(manifests: [manifest.descriptor]), as: .imageIndex)
        for (blob, bytes) in [
            (blob, layer), (config.descriptor, config.bytes), (manifest.descriptor, manifest.bytes),
        ] {
            try scratch.file("out/blobs/sha256/\(blob.digest.hex)", bytes)
        }
        try scratch.file("out/index.json", index.bytes)
        try scratch.file("out/oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
        return try ImageValidator(try ImageSource(FilePath(scratch("out"))))
    }

    @Test(
        "a plain layer and one compressed with gzip or zstd are read, and their diffIDs computed",
        arguments: [
            ("cat", .layerTar), ("gzip", .layerTarGzip), ("gzip", .dockerLayer), ("zstd -q", .layerTarZstd),
            ("pzstd -q 2>/dev/null || zstd -q -T2", .layerTarZstd),
        ] as [(String, MediaType)]
    )
    func valid(command: String, mediaType: MediaType) throws {
        let validator = try validate(command, mediaType)
        #expect(validator.findings.map(\.summary) == [])
        #expect(validator.blobCount == 3)
    }

    @Test(
        "a layer of another kind than its media type says is refused with both",
        arguments: [
            ("zstd -q", .layerTarGzip, "says it is gzip, and it looks like zstd"),
            ("gzip", .layerTarZstd, "says it is zstd, and it looks like gzip"),
            ("gzip", .layerTar, "says it is a plain tar, and it looks like gzip"),
        ] as [(String, MediaType, String)]
    )
    func lying(command: String, mediaType: MediaType, reason: String) throws {
        let findings = try validate(command, mediaType).findings
        #expect(findings.map(\.code.rawValue) == ["layer.media-type"])
        #expect(findings.first?.reason == "the media type `\(mediaType)` \(reason)")
    }
}
