import Archive
import OCI
import TestSupport
import Testing

@testable import Layers

@Suite("Codecs of layers")
struct LayerCodecTests {
    @Test("codecs are found by their media type, and each by how it describes itself", arguments: LayerCodec.allCases)
    func found(codec: LayerCodec) {
        #expect(LayerCodec.writing(codec.mediaType).contains(codec))
        #expect(LayerCodec.writing(.layerTar).isEmpty)
        #expect(LayerCodec.writing(.imageManifest).isEmpty)
        #expect(LayerCodec(describedBy: LayerCompression(codec, level: 5).description) == codec)
        #expect(LayerCodec(describedBy: "pigz 2.6, level 5") == nil)
    }

    @Test("a block is expanded to what it was, and to no other size", arguments: LayerCodec.allCases)
    func blocks(codec: LayerCodec) throws {
        var generator = Pseudorandom(seed: 5)
        for level in codec.levels {
            let plain = generator.text(5000)
            let block = try codec.compressors(level: level).compress(plain)
            #expect(codec.expand(block, size: plain.count) == plain)
            #expect(codec.expand(block, size: plain.count + 1) == nil)
            #expect(codec.expand(block, size: plain.count - 1) == nil)
            #expect(codec.expand(Array(block.dropLast()), size: plain.count) == nil)
        }
    }

    @Test(
        "no layer is larger than the largest blob of its tar",
        arguments: LayerCodec.allCases,
        [0, 1, 70_000, 3 << 20]
    )
    func largestBlob(codec: LayerCodec, size: Int) async throws {
        var generator = Pseudorandom(seed: 6)
        let content = (0..<size).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 20) }
        let blueprint = try LayerBlueprint(
            .application,
            createdBy: "x",
            entries: [LayerEntry(entryPath("/file"), .bytes(content), mode: 0o644)]
        )
        var sink = MemorySink()
        let compression = LayerCompression(codec, level: codec.levels.lowerBound, blockSize: 16 << 10)
        let layer = try await LayerWriter(cores: 1).write(blueprint, compression, to: &sink).table.layer
        #expect(layer.descriptor.mediaType == codec.mediaType)
        #expect(layer.descriptor.size <= codec.largestBlob(of: layer.uncompressedSize))
        #expect(codec.largestBlob(of: .max) == .max)
    }
}
