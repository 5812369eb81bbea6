import Archive
import ByteIO
import Diagnostics
import OCI
import TestSupport
import Testing

@testable import Layers

/// Layers in each of the formats, and what stands in their indexes.
@Suite("Formats of layers")
struct LayerFormatTests {
    private static func blueprint(_ codec: LayerCodec, changing name: String? = nil) throws -> LayerBlueprint {
        var generator = Pseudorandom(seed: 9)
        var entries = [
            LayerEntry(.root, .directory, mode: 0o755), LayerEntry(entryPath("/app"), .directory, mode: 0o755),
        ]
        for index in 0..<90 {
            let path = "/app/file-\(index)"
            var content = generator.text(index % 9 == 0 ? 0 : 300 + 211 * index)
            if path == name { content = Array("changed".utf8) }
            entries.append(
                LayerEntry(entryPath(path), .bytes(content), mode: 0o644, uid: 7, gid: 8, modified: 1_700_000_000)
            )
        }
        entries.append(LayerEntry(entryPath("/app/zz-large"), .bytes(generator.text(70_000)), mode: 0o755))
        entries.append(LayerEntry(entryPath("/app/zz-link"), .symlink(target: Array("file-1\"".utf8)), mode: 0o777))
        entries.append(LayerEntry(entryPath("/app/zz-name"), .hardlink(to: entryPath("/app/file-1")), mode: 0o644))
        return try LayerBlueprint(.application, createdBy: "x", entries: entries).ordered(for: codec, [])
    }

    /// The earlier layer was corrupt.
    private struct NotWritten: Error {}

    private struct Written {
        let table: BlockTable
        let reusedCount: Int
        let bytes: [UInt8]

        func previous() throws -> PreviousLayer {
            PreviousLayer(try #require(BlockTable(bytes: table.bytes, table.codec))) { [bytes] offset, count in
                let start = min(Int(offset), bytes.count)
                return Array(bytes[start..<min(start + count, bytes.count)])
            }
        }
    }

    private static func write(
        _ blueprint: LayerBlueprint,
        _ codec: LayerCodec,
        after previous: PreviousLayer? = nil,
        cores: Int = 2
    ) async throws -> Written {
        let compression = LayerCompression(codec, blockSize: 16 << 10)
        let work = LayerComparison(blueprint, compression, with: previous, StampTrust(startedAt: 4_000_000_000))
        var sink = MemorySink()
        guard case .written(let result) = try await LayerWriter(cores: cores).write(work, to: &sink) else {
            throw NotWritten()
        }
        return Written(table: result.table, reusedCount: result.reusedCount, bytes: sink.bytes)
    }

    /// The tar of a whole blob, by the readers that read foreign layers.
    private static func tar(_ bytes: [UInt8], _ codec: LayerCodec) throws -> [UInt8] {
        var tar = [UInt8]()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        func drain<Source: ByteSource & ~Copyable>(_ source: inout Source) throws {
            while true {
                let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
                if count == 0 { return }
                tar += buffer[..<count]
            }
        }
        if codec.mediaType == .layerTarZstd {
            var reader = try ZstdReader(MemorySource(bytes), limit: 1 << 30)
            try drain(&reader)
        } else {
            var reader = try GzipReader(MemorySource(bytes), limit: 1 << 30)
            try drain(&reader)
        }
        return tar
    }

    @Test("a layer's blob gives the tar of its diffID, whatever the cores", arguments: LayerCodec.allCases)
    func bytes(codec: LayerCodec) async throws {
        let blueprint = try Self.blueprint(codec)
        let written = try await Self.write(blueprint, codec)
        let layer = written.table.layer
        let tar = try Self.tar(written.bytes, codec)
        #expect(DiffID(Digest(sha256Of: tar)) == layer.diffID)
        #expect(Int64(tar.count) == layer.uncompressedSize)
        #expect(Digest(sha256Of: written.bytes) == layer.descriptor.digest)
        #expect(Int64(written.bytes.count) == layer.descriptor.size)
        for cores in [1, 5] {
            #expect(try await Self.write(blueprint, codec, cores: cores).bytes == written.bytes)
        }
        let plain = try await Self.write(blueprint, .gzip)
        #expect((layer.diffID == plain.table.layer.diffID) == codec.keepsTar)
    }

    @Test("written again with a changed file, a layer is what it is from nothing", arguments: LayerCodec.allCases)
    func again(codec: LayerCodec) async throws {
        let last = try await Self.write(try Self.blueprint(codec), codec)
        let table = try #require(BlockTable(bytes: last.table.bytes, codec))
        #expect(table == last.table)
        #expect(try await last.previous().isIntact(cores: 2))
        for other in LayerCodec.allCases where other != codec {
            #expect(BlockTable(bytes: last.table.bytes, other) == nil)
        }
        for name in ["/app/file-1", "/app/file-50", "/app/file-9"] {
            let blueprint = try Self.blueprint(codec, changing: name)
            let next = try await Self.write(blueprint, codec, after: try last.previous())
            let clean = try await Self.write(blueprint, codec)
            #expect(next.bytes == clean.bytes, "\(name)")
            #expect(next.table.layer == clean.table.layer, "\(name)")
            #expect(next.reusedCount > next.table.blocks.count / 2, "\(name)")
        }
    }

    // MARK: Indexes

    /// Checks what an index says of files with the bytes of the blob, and returns the number of files and chunks.
    private static func check(
        _ entries: [JSON],
        _ layer: Written,
        _ tar: [UInt8],
        endsAtOffsets: Bool
    ) throws -> (files: Int, chunks: Int) {
        var (files, chunks) = (0, 0)
        var contents: [String: [UInt8]] = [:]
        var reader = TarReader(MemorySource(tar), at: nil)
        while let record = try reader.next() {
            guard record.entry.kind == .regular else { continue }
            var content = [UInt8](repeating: 0, count: Int(record.entry.size))
            var filled = 0
            while filled < content.count {
                filled += try content.withUnsafeMutableBytes { buffer in
                    try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                }
            }
            contents[String(decoding: record.entry.path, as: UTF8.self)] = content
        }
        var last: [UInt8] = []
        for (place, entry) in entries.enumerated() {
            let values = try #require(entry.objectValue)
            let (type, name) = (try #require(values["type"]?.stringValue), try #require(values["name"]?.stringValue))
            if type == "reg" {
                files += 1
                last = try #require(contents[name], "\(name)")
                #expect(values["size"]?.integer ?? 0 == last.count, "\(name)")
                if last.isEmpty {
                    #expect(values["digest"] == nil)
                    continue
                }
                #expect(values["digest"]?.stringValue == Digest(sha256Of: last).description, "\(name)")
            } else if type != "chunk" {
                continue
            }
            chunks += 1
            let start = values["chunkOffset"]?.integer ?? 0
            let size = values["chunkSize"]?.integer ?? last.count - start
            let offset = try #require(values["offset"]?.integer)
            let content = Array(last[start..<start + size])
            if let digest = values["chunkDigest"]?.stringValue {
                #expect(digest == Digest(sha256Of: content).description, "\(name)")
            }
            // What begins there decompresses to the content, by itself.
            let following = place + 1 < entries.count ? entries[place + 1].objectValue : nil
            if endsAtOffsets {
                let isLast = following?["type"]?.stringValue != "chunk"
                let end = isLast && type == "reg" ? values["endOffset"]?.integer : following?["offset"]?.integer
                guard let end else { continue }
                #expect(ZstdFrames.expanded(Array(layer.bytes[offset..<end]), size: size) == content, "\(name)")
            } else {
                var reader = try GzipReader(MemorySource(Array(layer.bytes[offset...])), limit: 1 << 30)
                var found = [UInt8](repeating: 0, count: size)
                var filled = 0
                while filled < size {
                    filled += try found.withUnsafeMutableBytes { buffer in
                        try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                    }
                }
                #expect(found == content, "\(name)")
            }
        }
        return (files, chunks)
    }

    @Test("the table of zstd:chunked finds every file, and its tar-split the tar")
    func zstdChunked() async throws {
        let layer = try await Self.write(try Self.blueprint(.zstdChunked), .zstdChunked)
        let tar = try Self.tar(layer.bytes, .zstdChunked)
        let annotations = try #require(layer.table.layer.descriptor.annotations)
        let prefix = "io.github.containers.zstd-chunked"
        func place(_ key: String) throws -> [Int] {
            try #require(annotations["\(prefix).\(key)"]).split(separator: ":").compactMap { Int($0) }
        }
        let (contents, split) = (try place("manifest-position"), try place("tarsplit-position"))
        #expect(contents.count == 4 && contents[3] == 1 && split.count == 3)
        let compressed = Array(layer.bytes[contents[0]..<contents[0] + contents[1]])
        #expect(annotations["\(prefix).manifest-checksum"] == Digest(sha256Of: compressed).description)
        let json = try JSON(
            parsing: try #require(ZstdFrames.expanded(compressed, size: contents[2])),
            named: "the table"
        )
        let compressedSplit = Array(layer.bytes[split[0]..<split[0] + split[1]])
        #expect(json.objectValue?["tarSplitDigest"]?.stringValue == Digest(sha256Of: compressedSplit).description)
        let entries = try #require(json.objectValue?["entries"]?.arrayValue)
        let counts = try Self.check(entries, layer, tar, endsAtOffsets: true)
        #expect(counts.files == 91 && counts.chunks > 83)
        // The footer says the same as the annotations.
        let footer = layer.bytes.suffix(64)
        let numbers = (0..<7).map { index in
            (0..<8).reduce(0) { $0 | Int(footer[footer.startIndex + 8 * index + $1]) << (8 * $1) }
        }
        #expect(numbers == contents + split)
        #expect(footer.suffix(8).elementsEqual("GNUlInUx".utf8))
        // The tar put together again: segments as they are, and of files as many bytes as they have.
        let lines = try #require(ZstdFrames.expanded(compressedSplit, size: split[2])).split(
            separator: UInt8(ascii: "\n")
        )
        var position = 0
        for (index, line) in lines.enumerated() {
            let values = try #require(try JSON(parsing: Array(line), named: "tar-split").objectValue)
            #expect(values["position"]?.integer == index)
            if values["type"]?.integer == 2 {
                let payload = try #require(values["payload"]?.stringValue)
                let bytes = try #require(Base64Text.decode(payload))
                #expect(tar[position...].starts(with: bytes))
                position += bytes.count
            } else if let size = values["size"]?.integer {
                var checksum = CRC64()
                tar[position..<position + size].withUnsafeBytes { checksum.update($0) }
                let payload = try #require(values["payload"]?.stringValue)
                #expect(Base64Text.decode(payload) == checksum.bytes)
                position += size
            }
        }
        #expect(position == tar.count)
    }

    @Test("the table of eStargz finds every file, by the footer and the annotation")
    func estargz() async throws {
        let layer = try await Self.write(try Self.blueprint(.estargz), .estargz)
        let tar = try Self.tar(layer.bytes, .estargz)
        let footer = Array(layer.bytes.suffix(51))
        let offset = try #require(Int(String(decoding: footer[16..<32], as: UTF8.self), radix: 16))
        #expect(footer[32..<38].elementsEqual("STARGZ".utf8))
        let member = try Self.tar(Array(layer.bytes[offset...]), .estargz)
        var reader = TarReader(MemorySource(member), at: nil)
        let record = try #require(try reader.next())
        #expect(record.entry.path.elementsEqual("stargz.index.json".utf8))
        let table = Array(member[512..<512 + Int(record.entry.size)])
        let annotations = try #require(layer.table.layer.descriptor.annotations)
        #expect(annotations["containerd.io/snapshot/stargz/toc.digest"] == Digest(sha256Of: table).description)
        #expect(annotations["io.containers.estargz.uncompressed-size"] == String(tar.count))
        let entries = try #require(try JSON(parsing: table, named: "the table").objectValue?["entries"]?.arrayValue)
        let counts = try Self.check(entries, layer, tar, endsAtOffsets: false)
        // With the landmark.
        #expect(counts.files == 92 && counts.chunks > 84)
    }

    @Test("files that are wanted first stand before the landmark, with their directories, in their order")
    func prefetch() throws {
        let layer = try LayerBlueprint(
            .application,
            createdBy: "x",
            entries: [
                LayerEntry(.root, .directory, mode: 0o755),
                LayerEntry(entryPath("/a"), .directory, mode: 0o755),
                LayerEntry(entryPath("/a/1"), .bytes([1]), mode: 0o644),
                LayerEntry(entryPath("/a/2"), .bytes([2]), mode: 0o644),
                LayerEntry(entryPath("/b"), .bytes([3]), mode: 0o644),
                LayerEntry(entryPath("/c"), .hardlink(to: entryPath("/b")), mode: 0o644),
            ]
        )
        func paths(_ wanted: [String]) -> [String] {
            layer.ordered(for: .estargz, wanted.map(entryPath)).entries.map(\.path.description)
        }
        #expect(paths([]).first == "/.no.prefetch.landmark")
        #expect(
            paths(["/c", "/a/2", "/not-there", "/c"]) == [
                "/", "/b", "/c", "/a", "/a/2", "/.prefetch.landmark", "/a/1",
            ]
        )
        #expect(layer.ordered(for: .zstdChunked, [entryPath("/b")]) == layer)
    }

    @Test("a name that is not UTF-8 has no place in an index", arguments: [LayerCodec.zstdChunked, .estargz])
    func names(codec: LayerCodec) async throws {
        let entry = LayerEntry(EntryPath(unchecked: [0x61, 0xFF]), .bytes([1]), mode: 0o644)
        let blueprint = try LayerBlueprint(.application, createdBy: "x", entries: [entry])
        let error = await #expect(throws: Diagnostic.self) { try await Self.write(blueprint, codec) }
        #expect(error?.code.rawValue == "layer.name-not-utf8")
        _ = try await Self.write(blueprint, .zstd)
    }

    @Test("a tar that is compressed again keeps its diffID", arguments: [LayerCodec.gzip, .zstd])
    func recompressed(codec: LayerCodec) async throws {
        let layer = try await Self.write(try Self.blueprint(.estargz), .estargz)
        var blobs = [[UInt8]]()
        for cores in [1, 3] {
            var reader = try GzipReader(MemorySource(layer.bytes), limit: 1 << 30)
            var sink = MemorySink()
            let written = try await TarCompressor(codec, cores: cores).write(&reader, to: &sink)
            #expect(written.diffID == layer.table.layer.diffID)
            #expect(written.descriptor.mediaType == codec.mediaType)
            #expect(Digest(sha256Of: sink.bytes) == written.descriptor.digest)
            #expect(try Self.tar(sink.bytes, codec) == Self.tar(layer.bytes, .estargz))
            blobs.append(sink.bytes)
        }
        #expect(blobs[0] == blobs[1])
    }
}

extension JSON {
    fileprivate var integer: Int? {
        intValue.map(Int.init)
    }
}
