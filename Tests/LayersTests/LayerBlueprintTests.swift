import Diagnostics
import Layers
import TestSupport
import Testing

@Suite("Layer blueprints")
struct LayerBlueprintTests {
    @Test("entries are sorted, parents first, whatever order they came in")
    func sorted() throws {
        let paths = ["/a", "/a/b", "/a/b/c", "/a/z", "/a!", "/a-b", "/a.b", "/aa", "/b"]
        let entries =
            paths.map { LayerEntry(entryPath($0), .directory, mode: 0o755) } + [
                LayerEntry(.root, .directory, mode: 0o755)
            ]
        var generator = Pseudorandom(seed: 1)
        for _ in 0..<50 {
            let blueprint = try LayerBlueprint(
                .application,
                createdBy: "x",
                entries: entries.shuffled(using: &generator)
            )
            #expect(blueprint.entries.map(\.path.description) == ["/"] + paths)
        }
    }

    @Test("a path that is there twice is refused, and both origins are named")
    func duplicate() throws {
        let scratch = try TemporaryDirectory()
        let file = try scratch.file("x", "x")
        let error = #expect(throws: Diagnostic.self) {
            try LayerBlueprint(
                .application,
                createdBy: "x",
                entries: [
                    LayerEntry(entryPath("/a/b"), .directory, mode: 0o755),
                    LayerEntry(entryPath("/z"), .directory, mode: 0o755),
                    try fileEntry(file, at: "/a/b"),
                ]
            )
        }
        #expect(error?.code == .layerDuplicatePath)
        #expect(error?.summary == "`/a/b` would be twice in one layer")
        #expect(
            error?.reason == "a directory and `\(file)` both go there"
                || error?.reason == "`\(file)` and a directory both go there"
        )
    }

    @Test(
        "an entry's origin is described as a user knows it",
        arguments: [
            (LayerEntry.Content.directory, "a directory"), (.bytes([1]), "a file that coracle makes"),
            (.symlink(target: [0x74, 0xFF]), #"a symlink to `t\xff`"#),
            (.hardlink(to: entryPath("/a/b")), "a hard link to `/a/b`"),
        ]
    )
    func origin(content: LayerEntry.Content, text: String) {
        #expect(LayerEntry(entryPath("/x"), content, mode: 0).origin == text)
    }

    @Test("the description of a compression says what decides the bytes")
    func compression() {
        let description = LayerCompression(level: 9, blockSize: 256 << 10).description
        #expect(description.hasPrefix("libdeflate 1."))
        #expect(description.hasSuffix(", level 9, blocks by path to 256 KiB"), "\(description)")
        #expect(LayerCodec.gzip.levels == 1...12)
    }
}
