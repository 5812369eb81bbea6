import Glibc
import Layers
import OCI
import TestSupport
import Testing

/// The digests that coracle promises. They change with the tar, with the way blocks are cut and joined, and with the
/// compressor's version, and then on purpose only: `make golden` writes them again, and the difference is reviewed.
@Suite("Golden layers")
struct GoldenLayerTests {
    static let file: String = {
        let source = #filePath
        return source[..<(source.lastIndex(of: "/") ?? source.endIndex)] + "/Golden/layers.txt"
    }()

    static let levels = [1, 4, 6, 9, 12]

    /// Everything a layer can hold, and enough text for several blocks.
    static func blueprint() throws -> LayerBlueprint {
        var generator = Pseudorandom(seed: 2026)
        let text = generator.text(3_500_000)
        let noise = (0..<100_000).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let long = String(repeating: "long-name-", count: 15)
        return try LayerBlueprint(
            .application,
            createdBy: "golden",
            entries: [
                LayerEntry(.root, .directory, mode: 0o755),
                LayerEntry(entryPath("/app"), .directory, mode: 0o755, modified: 1_000_000_000),
                LayerEntry(
                    entryPath("/app/server"),
                    .bytes(text),
                    mode: 0o755,
                    uid: 65532,
                    gid: 65532,
                    modified: 1_000_000_000
                ),
                LayerEntry(entryPath("/app/hard"), .hardlink(to: entryPath("/app/empty")), mode: 0o644),
                LayerEntry(entryPath("/app/empty"), .bytes([]), mode: 0o644),
                LayerEntry(entryPath("/app/link"), .symlink(target: Array("server".utf8)), mode: 0o777),
                LayerEntry(entryPath("/app/far"), .symlink(target: Array("/\(long)/\(long)".utf8)), mode: 0o777),
                LayerEntry(
                    entryPath("/app/\(long)"),
                    .bytes(Array("a".utf8)),
                    mode: 0o600,
                    uid: 3_000_000,
                    modified: -1
                ),
                LayerEntry(EntryPath(unchecked: Array("app/".utf8) + [0xFF, 0xFE]), .bytes([1, 2, 3]), mode: 0o4755),
                LayerEntry(entryPath("/noise"), .bytes(noise), mode: 0o644, modified: 10_000_000_000),
                LayerEntry(entryPath("/tmp"), .directory, mode: 0o1777),
            ]
        )
    }

    private static func record() async throws -> String {
        let blueprint = try blueprint()
        let engine = LayerCompression().description.split(separator: ",").first ?? ""
        var text = "# level diffID digest size, with \(engine)\n"
        for level in levels {
            let layer = try await written(blueprint, level: level).layer
            text += "\(level) \(layer.diffID) \(layer.descriptor.digest) \(layer.descriptor.size)\n"
        }
        return text
    }

    @Test("the same blueprint gives the bytes it always gave")
    func golden() async throws {
        let record = try await Self.record()
        if getenv("CORACLE_GOLDEN").map({ String(cString: $0) }) == "update" { try writeFile(Self.file, record) }
        let expected = try Command("cat", [Self.file]).output()
        #expect(record == expected, "`make golden` accepts the change")
    }

    @Test("the number of cores decides no byte", arguments: [1, 4])
    func cores(level: Int) async throws {
        let blueprint = try Self.blueprint()
        let first = try await written(blueprint, level: level, cores: 1)
        for cores in [2, 3, 8, 64] {
            let other = try await written(blueprint, level: level, cores: cores)
            #expect(other.layer == first.layer)
            #expect(other.bytes == first.bytes)
        }
    }
}
