import ByteIO
import Layers
import OCI
import TestSupport
import Testing

@Suite("Where blocks of a layer are cut")
struct BlockTests {
    static let maximum = 64 << 10

    /// Files of a random tree, in memory.
    static func entries(_ count: Int, seed: UInt64, largest: Int = 20_000) -> [LayerEntry] {
        var generator = Pseudorandom(seed: seed)
        return (0..<count).map { index in
            let size = generator.next() % 50 == 0 ? 10 * largest : Int(generator.next() % UInt64(largest))
            return LayerEntry(
                entryPath("/app/\(generator.next() % 100)/file-\(index)"),
                .bytes(generator.text(size)),
                mode: 0o644
            )
        }
    }

    private static func blocks(_ entries: [LayerEntry]) throws -> [LayerBlock] {
        LayerLayout(try LayerBlueprint(.application, createdBy: "x", entries: entries)).blocks(maximum: maximum)
    }

    @Test("the blocks are the tar, in order, of at most five quarters of a block each", arguments: [0, 1, 2, 50, 700])
    func cover(count: Int) throws {
        let entries = Self.entries(count, seed: UInt64(count))
        let layout = LayerLayout(try LayerBlueprint(.application, createdBy: "x", entries: entries))
        var position: Int64 = 0
        for block in layout.blocks(maximum: Self.maximum) {
            #expect(block.start == position)
            #expect((1...Self.maximum * 5 / 4 + 1024).contains(block.size))
            position += Int64(block.size)
        }
        #expect(position == layout.size)
    }

    @Test("blocks of small files are of half a block at least, and of about two thirds in the mean")
    func sizes() throws {
        let blocks = try Self.blocks(Self.entries(3000, seed: 1, largest: 3000))
        let small = blocks.dropLast().map(\.size)
        let mean = small.reduce(0, +) / small.count
        #expect((Self.maximum / 2...Self.maximum * 4 / 5).contains(mean), "\(mean)")
    }

    @Test(
        "an entry that comes, goes or changes disturbs few blocks",
        arguments: ["inserted", "deleted", "grown", "renamed", "first inserted"],
        [20_000, 40_000]
    )
    func locality(change: String, largest: Int) throws {
        // With the larger ones there are two or three in a block.
        let entries = LayerBlueprint.sorted(Self.entries(600, seed: 7, largest: largest))
        var changed = entries
        let middle = entries.count / 2
        switch change {
        case "inserted": changed.append(LayerEntry(entryPath("/app/5/new"), .bytes([1]), mode: 0o644))
        case "deleted": changed.remove(at: middle)
        case "grown": changed[middle].content = .bytes([UInt8](repeating: 7, count: 33_000))
        case "renamed": changed[middle].path = entryPath("/app/77/renamed")
        default: changed.append(LayerEntry(entryPath("/a"), .bytes([1]), mode: 0o644))
        }
        func pieces(_ entries: [LayerEntry]) throws -> Set<[UInt8]> {
            let layout = LayerLayout(try LayerBlueprint(.application, createdBy: "x", entries: entries))
            return Set(
                try layout.blocks(maximum: Self.maximum).map { try layout.render(from: $0.start, count: $0.size) }
            )
        }
        let before = try pieces(entries)
        let lost = before.subtracting(try pieces(changed)).count
        #expect((1...30).contains(lost), "\(lost) of \(before.count)")
    }
}
