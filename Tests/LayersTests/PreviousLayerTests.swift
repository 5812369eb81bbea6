import ByteIO
import Diagnostics
import Glibc
import Layers
import OCI
import TestSupport
import Testing

/// Layers that are written upon earlier ones.
@Suite("Writing a layer again")
struct PreviousLayerTests {
    /// A layer that was written, and is kept in memory.
    struct Written {
        let result: LayerWriter.Result
        let bytes: [UInt8]

        /// The layer, by way of the table's bytes, as a cache has it.
        func previous(bytes other: [UInt8]? = nil) throws -> PreviousLayer {
            let bytes = other ?? bytes
            return PreviousLayer(try #require(BlockTable(bytes: result.table.bytes, .gzip))) { offset, count in
                let start = min(Int(offset), bytes.count)
                return Array(bytes[start..<min(start + count, bytes.count)])
            }
        }
    }

    /// The previous layer was corrupt.
    private struct NotWritten: Error {}

    private static let compression = LayerCompression(level: 1, blockSize: 16 << 10)
    /// Long after all files of a test.
    private static let later = StampTrust(startedAt: 4_000_000_000)

    private static func write(
        _ blueprint: LayerBlueprint,
        after previous: PreviousLayer? = nil,
        _ trust: StampTrust = later,
        isReadingAll: Bool = false,
        cores: Int = 2
    ) async throws -> Written {
        let work = LayerComparison(blueprint, compression, with: previous, trust, isReadingAll: isReadingAll)
        var sink = MemorySink()
        guard case .written(let result) = try await LayerWriter(cores: cores).write(work, to: &sink) else {
            throw NotWritten()
        }
        return Written(result: result, bytes: sink.bytes)
    }

    /// Whether a layer has the same bytes, digests and sizes as one that is written from nothing.
    private static func expectSame(_ layer: Written, as blueprint: LayerBlueprint, _ comment: String) async throws {
        let clean = try await write(blueprint)
        #expect(layer.bytes == clean.bytes, "\(comment)")
        #expect(layer.result.table.layer == clean.result.table.layer, "\(comment)")
        #expect(Digest(sha256Of: layer.bytes) == layer.result.table.layer.descriptor.digest, "\(comment)")
    }

    // MARK: Random changes

    /// A directory of this machine that is changed again and again.
    private struct Tree {
        let scratch: TemporaryDirectory
        var files: [String: UInt16] = [:]
        var generator: Pseudorandom

        init(seed: UInt64) throws {
            scratch = try TemporaryDirectory()
            generator = Pseudorandom(seed: seed)
            for _ in 0..<120 { try add() }
        }

        mutating func number(below limit: Int) -> Int { Int(generator.next() % UInt64(limit)) }

        private mutating func name() -> String { "dir-\(number(below: 6))/file-\(number(below: 100_000))" }

        private mutating func content() -> [UInt8] {
            generator.text(number(below: 25) == 0 ? 30_000 + number(below: 60_000) : number(below: 2500))
        }

        private mutating func add() throws {
            let name = name()
            try scratch.file(name, content())
            files[name] = 0o644
        }

        private mutating func any() -> String { files.keys.sorted()[number(below: files.count)] }

        /// Makes some changes; returns what they were.
        mutating func change() throws -> String {
            var log = [String]()
            for _ in 0...number(below: 3) {
                let file = any()
                switch number(below: 5) {
                case 0:
                    try add()
                    log.append("added")
                case 1:
                    try scratch.file(file, content())
                    log.append("edited \(file)")
                case 2 where files.count > 2:
                    unlink(scratch(file))
                    files[file] = nil
                    log.append("deleted \(file)")
                case 3:
                    let name = name()
                    try scratch.file(name, [])
                    rename(scratch(file), scratch(name))
                    files[name] = files.removeValue(forKey: file)
                    log.append("renamed \(file) to \(name)")
                default:
                    files[file] = files[file] == 0o644 ? 0o755 : 0o644
                    log.append("another mode for \(file)")
                }
            }
            return log.joined(separator: ", ")
        }

        func blueprint() throws -> LayerBlueprint {
            let directories = Set(files.keys.map { String($0.split(separator: "/")[0]) })
            let entries = try files.map { name, mode in
                var entry = try fileEntry(scratch(name), at: "/\(name)")
                entry.mode = mode
                return entry
            }
            return try LayerBlueprint(
                .application,
                createdBy: "x",
                entries: entries + directories.map { LayerEntry(entryPath("/\($0)"), .directory, mode: 0o755) }
            )
        }
    }

    @Test(
        "random edits, insertions, deletions, renames and modes give the bytes of a layer written from nothing",
        arguments: [1, 2, 3, 4, 5, 6]
    )
    func random(seed: UInt64) async throws {
        var tree = try Tree(seed: seed)
        var last = try await Self.write(try tree.blueprint())
        for round in 0..<12 {
            let change = try tree.change()
            let blueprint = try tree.blueprint()
            let next = try await Self.write(blueprint, after: try last.previous(), cores: 1 + round % 5)
            try await Self.expectSame(next, as: blueprint, change)
            #expect(next.result.reusedCount < next.result.table.blocks.count, "\(change)")
            last = next
        }
    }

    @Test(
        "digests taken while a layer is written, from nothing or beside an earlier one, are those of its files",
        arguments: [7, 8]
    )
    func digests(seed: UInt64) async throws {
        var tree = try Tree(seed: seed)
        var last: Written?
        for _ in 0..<4 {
            let blueprint = try tree.blueprint()
            var work = LayerComparison(blueprint, Self.compression, with: try last?.previous(), Self.later)
            let files = WrittenFiles(of: blueprint) { $0.path.bytes.last == UInt8(ascii: "7") }
            work.files = files
            var sink = MemorySink()
            guard case .written(let result) = try await LayerWriter(cores: 2).write(work, to: &sink) else {
                throw NotWritten()
            }
            if last == nil { #expect(blueprint.entries.indices.contains { files.digests(of: $0) != nil }) }
            try files.complete()
            for (index, entry) in blueprint.entries.enumerated() {
                #expect(try files.digests(of: index) == entry.contentDigests(), "\(entry.path)")
                guard let content = files.content(of: index) else { continue }
                #expect(content == (try entry.bytes(at: 0, count: .max)) && entry.path.bytes.last == UInt8(ascii: "7"))
            }
            last = Written(result: result, bytes: sink.bytes)
            _ = try tree.change()
        }
    }

    @Test("a file that changed after it was planned with has no digest")
    func changedFile() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("a", Array("before".utf8))
        let entry = try fileEntry(scratch("a"), at: "/a")
        let files = WrittenFiles(of: try LayerBlueprint(.application, createdBy: "x", entries: [entry])) { _ in true }
        try scratch.file("a", Array("after it".utf8))
        #expect(throws: Diagnostic.self) { try files.complete() }
    }

    @Test("if one file of a layer changed, nearly all blocks are reused, and no other file is read")
    func oneFile() async throws {
        let tree = try Tree(seed: 11)
        let last = try await Self.write(try tree.blueprint())
        let changed = tree.files.keys.sorted()[50]
        try tree.scratch.file(changed, "changed")
        let blueprint = try tree.blueprint()
        // Some of them would be read, as that is faster than to unpack what was kept.
        for file in tree.files.keys where file != changed && !file.hasPrefix(changed.prefix(5)) {
            unlink(tree.scratch(file))
        }
        let next = try await Self.write(blueprint, after: try last.previous())
        #expect(next.result.table.blocks.count - next.result.reusedCount <= 2)
        #expect(next.result.table.blocks.count > 20)
    }

    @Test(
        "large files that did not change give the same layer, read again, or gone, from what was kept",
        arguments: [false, true]
    )
    func largeFiles(areGone: Bool) async throws {
        let scratch = try TemporaryDirectory()
        var generator = Pseudorandom(seed: 12)
        let names = (0..<5).map { "file-\($0)" }
        for name in names { try scratch.file(name, generator.text(100_000)) }
        func blueprint() throws -> LayerBlueprint {
            let entries = try names.map { try fileEntry(scratch($0), at: "/\($0)") }
            return try LayerBlueprint(.application, createdBy: "x", entries: entries)
        }
        let last = try await Self.write(try blueprint())
        try scratch.file(names[1], "changed")
        let changed = try blueprint()
        let clean = try await Self.write(changed)
        if areGone { for name in names where name != names[1] { unlink(scratch(name)) } }
        let next = try await Self.write(changed, after: try last.previous())
        #expect(next.bytes == clean.bytes)
        #expect(next.result.table == clean.result.table)
        #expect(next.result.table.blocks.count - next.result.reusedCount == 1)
    }

    // MARK: Stamps

    @Test("a layer that did not change is known without reading a byte of it")
    func unchanged() async throws {
        let tree = try Tree(seed: 21)
        let blueprint = try tree.blueprint()
        let last = try await Self.write(blueprint)
        let work = LayerComparison(blueprint, Self.compression, with: try last.previous(), Self.later)
        #expect(work.unchanged?.table == last.result.table)
        #expect(try await work.unchanged?.isIntact(cores: 3) == true)
        #expect(
            LayerComparison(blueprint, LayerCompression(level: 2), with: try last.previous(), Self.later).unchanged
                == nil
        )
    }

    @Test("files that are younger than two seconds are read again", arguments: [-10, 0, 1, 2, 3])
    func racy(age: Int64) async throws {
        let scratch = try TemporaryDirectory()
        let path = try scratch.file("file", "content")
        let changed = try FileStatus(at: FilePath(path)).stamp.changedSeconds
        let blueprint = try LayerBlueprint(.application, createdBy: "x", entries: [try fileEntry(path, at: "/file")])
        let last = try await Self.write(blueprint, StampTrust(startedAt: changed + age))
        let work = LayerComparison(blueprint, Self.compression, with: try last.previous(), Self.later)
        #expect((work.unchanged != nil) == (age > 2))
    }

    @Test("no stamp is trusted if it is not known when the files were looked at")
    func noClock() async throws {
        let tree = try Tree(seed: 4)
        let last = try await Self.write(try tree.blueprint(), .none)
        let work = LayerComparison(try tree.blueprint(), Self.compression, with: try last.previous(), Self.later)
        #expect(work.unchanged == nil)
    }

    @Test("another content under the same size and time of change is seen", arguments: [false, true])
    func sameTimes(isReadingAll: Bool) async throws {
        let scratch = try TemporaryDirectory()
        let path = try scratch.file("file", "content")
        try Command("touch", ["-d", "@1500000000", path]).output()
        func blueprint() throws -> LayerBlueprint {
            try LayerBlueprint(.application, createdBy: "x", entries: [try fileEntry(path, at: "/file")])
        }
        let last = try await Self.write(try blueprint())
        try Command.shell(#"printf CONTENT > "$1" && touch -d @1500000000 "$1""#, [path]).output()
        let next = try await Self.write(try blueprint(), after: try last.previous(), isReadingAll: isReadingAll)
        try await Self.expectSame(next, as: try blueprint(), "")
        #expect(next.bytes != last.bytes)
    }

    @Test("a fresh checkout, the same files with other times and inodes, reuses every block")
    func checkout() async throws {
        let tree = try Tree(seed: 5)
        let last = try await Self.write(try tree.blueprint())
        try Command.shell(#"cp -r "$1" "$1.new" && rm -r "$1" && mv "$1.new" "$1""#, [tree.scratch.path]).output()
        let blueprint = try tree.blueprint()
        let next = try await Self.write(blueprint, after: try last.previous())
        #expect(next.result.reusedCount == next.result.table.blocks.count)
        #expect(next.bytes == last.bytes)
    }

    @Test("with everything read again, a content that changed without a trace is found")
    func withoutTrace() async throws {
        let tree = try Tree(seed: 6)
        let blueprint = try tree.blueprint()
        let last = try await Self.write(blueprint)
        // As if it had been another content when the stamp was the same.
        let entries = blueprint.entries.map { entry in
            var entry = entry
            if case .file(_, let stamp) = entry.content, stamp.size > 10 {
                entry.content = .bytes([UInt8](repeating: 1, count: Int(stamp.size)))
            }
            return entry
        }
        let other = try await Self.write(try LayerBlueprint(.application, createdBy: "x", entries: entries))
        let next = try await Self.write(blueprint, after: try other.previous(), isReadingAll: true)
        #expect(next.bytes == last.bytes)
    }

    // MARK: What was kept is damaged

    enum Damage: String, CaseIterable, Sendable {
        case flippedBit, truncated, empty, zeros, longer, otherHeader, otherTrailer

        func apply(to bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            switch self {
            case .flippedBit: bytes[bytes.count / 3] ^= 4
            case .truncated: bytes.removeLast(bytes.count / 2)
            case .empty: bytes = []
            case .zeros: bytes = [UInt8](repeating: 0, count: bytes.count)
            case .longer: bytes.append(0)
            case .otherHeader: bytes[9] = 3
            case .otherTrailer: bytes[bytes.count - 1] ^= 1
            }
            return bytes
        }
    }

    @Test("a cached blob that is corrupt is noticed, and never copied", arguments: Damage.allCases)
    func damage(damage: Damage) async throws {
        let tree = try Tree(seed: 8)
        let blueprint = try tree.blueprint()
        let last = try await Self.write(blueprint)
        let previous = try last.previous(bytes: damage.apply(to: last.bytes))
        #expect(try await !previous.isIntact(cores: 2))
        guard damage != .otherHeader, damage != .otherTrailer, damage != .longer else { return }
        try tree.scratch.file(tree.files.keys.sorted()[100], "changed")
        await #expect(throws: NotWritten.self) { try await Self.write(try tree.blueprint(), after: previous) }
    }

    @Test("a table that is cut short or changed is refused, or gives no other bytes than its blob has")
    func table() async throws {
        let tree = try Tree(seed: 9)
        let last = try await Self.write(try tree.blueprint())
        let bytes = last.result.table.bytes
        #expect(BlockTable(bytes: bytes, .gzip) == last.result.table)
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(BlockTable(bytes: Array(bytes[..<count]), .gzip) == nil)
        }
        var generator = Pseudorandom(seed: 1)
        for _ in 0..<2000 {
            var damaged = bytes
            damaged[Int(generator.next() % UInt64(bytes.count))] ^= UInt8(1 << (generator.next() % 8))
            guard let table = BlockTable(bytes: damaged, .gzip) else { continue }
            // Its reader asks for what the table says, whatever that is.
            _ = try await PreviousLayer(table) { offset, count in
                guard offset >= 0, count >= 0, count <= 16 << 20 else { preconditionFailure("\(offset), \(count)") }
                return []
            }.isIntact(cores: 1)
        }
    }
}
