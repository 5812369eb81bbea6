import Archive
import Layers
import TestSupport
import Testing

@Suite("Rendering parts of a layer's tar")
struct LayerLayoutTests {
    private static func layout(_ scratch: TemporaryDirectory) throws -> LayerLayout {
        var generator = Pseudorandom(seed: 11)
        var entries = [LayerEntry(.root, .directory, mode: 0o755)]
        for index in 0..<40 {
            let size = [0, 1, 511, 512, 513, 1024, 5000][index % 7]
            let content = generator.text(size)
            let name = "/d\(index)" + String(repeating: "x", count: index * 5)
            entries.append(LayerEntry(entryPath(name), .directory, mode: 0o755))
            entries.append(LayerEntry(entryPath("\(name)/bytes"), .bytes(content), mode: 0o644))
            entries.append(LayerEntry(entryPath("\(name)/link"), .symlink(target: Array(name.utf8)), mode: 0o777))
            entries.append(try fileEntry(try scratch.file("file\(index)", content), at: "\(name)/file"))
            entries.append(
                LayerEntry(entryPath("\(name)/hard"), .hardlink(to: entryPath("\(name)/bytes")), mode: 0o644)
            )
        }
        return LayerLayout(try LayerBlueprint(.application, createdBy: "x", entries: entries))
    }

    @Test("any part is the same part of the whole")
    func parts() throws {
        let scratch = try TemporaryDirectory()
        let layout = try Self.layout(scratch)
        let whole = try layout.render(from: 0, count: Int(layout.size))
        #expect(whole.count == Int(layout.size))
        #expect(whole.suffix(1024) == ArraySlice([UInt8](repeating: 0, count: 1024)))
        var generator = Pseudorandom(seed: 5)
        for _ in 0..<600 {
            let start = Int.random(in: 0..<whole.count, using: &generator)
            let count = Int.random(in: 1...min(whole.count - start, 9000), using: &generator)
            let part = try layout.render(from: Int64(start), count: count)
            #expect(part == Array(whole[start..<start + count]), "\(start) \(count)")
        }
        for start in stride(from: 0, to: whole.count, by: 512) {
            #expect(try layout.render(from: Int64(start), count: 1) == [whole[start]])
        }
    }

    @Test("blocks of any size make up the whole", arguments: [1, 100, 511, 512, 4096, 1 << 20])
    func blocks(size: Int) throws {
        let scratch = try TemporaryDirectory()
        let entries = [
            LayerEntry(entryPath("/a"), .bytes(Array("content".utf8)), mode: 0o644),
            try fileEntry(try scratch.file("b", [UInt8](repeating: 9, count: 700)), at: "/b"),
        ]
        let layout = LayerLayout(try LayerBlueprint(.application, createdBy: "x", entries: entries))
        let whole = try layout.render(from: 0, count: Int(layout.size))
        var joined = [UInt8]()
        while joined.count < whole.count {
            joined += try layout.render(from: Int64(joined.count), count: min(size, whole.count - joined.count))
        }
        #expect(joined == whole)
        let header = TarHeader(.regular, name: Array("a".utf8), size: 7, mode: 0o644).encoded()
        #expect(Array(whole[..<1024]) == header + Array("content".utf8) + [UInt8](repeating: 0, count: 505))
    }

    @Test("the root is written as every tar program writes it, and other directories end in a slash")
    func directories() throws {
        let entries = [
            LayerEntry(.root, .directory, mode: 0o755), LayerEntry(entryPath("/tmp"), .directory, mode: 0o1777),
        ]
        let layout = LayerLayout(try LayerBlueprint(.application, createdBy: "x", entries: entries))
        let expected =
            TarHeader(.directory, name: Array("./".utf8), mode: 0o755).encoded()
            + TarHeader(.directory, name: Array("tmp/".utf8), mode: 0o1777).encoded()
            + [UInt8](repeating: 0, count: 1024)
        #expect(try layout.render(from: 0, count: Int(layout.size)) == expected)
    }
}
