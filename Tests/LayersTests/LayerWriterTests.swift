import ByteIO
import Diagnostics
import Glibc
import Layers
import OCI
import TestSupport
import Testing

@Suite("Writing layers")
struct LayerWriterTests {
    @Test("digest, diffID and sizes are those that other programs compute", arguments: [1, 4, 12])
    func digests(level: Int) async throws {
        let scratch = try TemporaryDirectory()
        let (layer, bytes) = try await written(try GoldenLayerTests.blueprint(), level: level)
        let file = try scratch.file("layer.tar.gz", bytes)
        let script = """
            import hashlib, sys, zlib
            data = open(sys.argv[1], "rb").read()
            d = zlib.decompressobj(wbits=31)
            tar = d.decompress(data)
            assert d.eof and not d.unused_data
            print("sha256:" + hashlib.sha256(data).hexdigest(), len(data), "sha256:" + hashlib.sha256(tar).hexdigest(), len(tar))
            """
        #expect(
            try Tool.python(script, [file])
                == "\(layer.descriptor.digest) \(layer.descriptor.size) \(layer.diffID) \(layer.uncompressedSize)\n"
        )
        #expect(layer.descriptor.mediaType == .layerTarGzip)
    }

    @Test("other programs find the entries in order, parents first")
    func entries() async throws {
        let scratch = try TemporaryDirectory()
        let file = try scratch.file("layer.tar.gz", try await written(try GoldenLayerTests.blueprint()).bytes)
        let long = String(repeating: "long-name-", count: 15)
        let script = """
            import sys, tarfile
            for m in tarfile.open(sys.argv[1], "r:gz", errors="surrogateescape"):
                print(m.type.decode(), "%o" % m.mode, m.uid, m.gid, m.size, int(m.mtime), ascii(m.name), m.linkname)
            """
        let expected = """
            5 755 0 0 0 0 '.'\u{20}
            5 755 0 0 0 1000000000 'app'\u{20}
            0 644 0 0 0 0 'app/empty'\u{20}
            2 777 0 0 0 0 'app/far' /\(long)/\(long)
            1 644 0 0 0 0 'app/hard' app/empty
            2 777 0 0 0 0 'app/link' server
            0 600 3000000 0 1 -1 'app/\(long)'\u{20}
            0 755 65532 65532 3500000 1000000000 'app/server'\u{20}
            0 4755 0 0 3 0 'app/\\udcff\\udcfe'\u{20}
            0 644 0 0 100000 10000000000 'noise'\u{20}
            5 1777 0 0 0 0 'tmp'\u{20}

            """
        #expect(try Tool.python(script, [file]) == expected)
        try Command.shell(#"tar -tzf "$1" >/dev/null && bsdtar -tzf "$1" >/dev/null"#, [file]).output()
    }

    @Test("a layer without entries is an empty archive")
    func empty() async throws {
        let (layer, bytes) = try await written(try LayerBlueprint(.application, createdBy: "x", entries: []))
        // The well-known diffID of 1024 zero bytes.
        #expect(layer.diffID.description == "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef")
        #expect(layer.uncompressedSize == 1024)
        #expect(Digest(sha256Of: bytes) == layer.descriptor.digest)
    }

    @Test("a file that spans many blocks is read as it is")
    func largeFile() async throws {
        let scratch = try TemporaryDirectory()
        var generator = Pseudorandom(seed: 3)
        let content = generator.text(2_500_000)
        let path = try scratch.file("big", content)
        let fromFile = try await written(
            try LayerBlueprint(.application, createdBy: "x", entries: [try fileEntry(path, at: "/big")])
        )
        let fromBytes = try await written(
            try LayerBlueprint(
                .application,
                createdBy: "x",
                entries: [LayerEntry(entryPath("/big"), .bytes(content), mode: 0o644)]
            )
        )
        #expect(fromFile.bytes == fromBytes.bytes)
    }

    // MARK: Files that change

    enum Change: String, CaseIterable, Sendable {
        case grows, shrinks, rewritten, touched, deleted, symlink, fifo, directory, parentGone, parentIsFile, otherFile

        func apply(to path: String, in scratch: TemporaryDirectory) throws {
            let script =
                switch self {
                case .grows: #"printf x >> "$1""#
                case .shrinks: #"truncate -s 10 "$1""#
                case .rewritten: #"tr a b < "$1" > "$1.new" && cat "$1.new" > "$1""#
                case .touched: #"touch -d @1000000000.5 "$1""#
                case .deleted: #"rm "$1""#
                case .symlink: #"mv "$1" "$1.real" && ln -s "$1.real" "$1""#
                case .fifo: #"rm "$1" && mkfifo "$1""#
                case .directory: #"rm "$1" && mkdir "$1""#
                case .parentGone: #"rm -r "$(dirname "$1")""#
                case .parentIsFile: #"rm -r "$(dirname "$1")" && touch "$(dirname "$1")""#
                case .otherFile: #"cp -p "$1" "$1.new" && mv "$1.new" "$1""#
                }
            try Command.shell(script, [path], timeLimit: 10).output()
        }
    }

    @Test(
        "a file that changed since it was planned with fails the layer",
        .timeLimit(.minutes(1)),
        arguments: Change.allCases
    )
    func changed(change: Change) async throws {
        let scratch = try TemporaryDirectory()
        let path = try scratch.file("dir/file", [UInt8](repeating: 0x61, count: 1000))
        try Command("touch", ["-d", "@1500000000", path]).output()
        let blueprint = try LayerBlueprint(.application, createdBy: "x", entries: [try fileEntry(path, at: "/file")])
        _ = try await written(blueprint)
        try change.apply(to: path, in: scratch)
        let error = await #expect(throws: Diagnostic.self) { try await written(blueprint) }
        #expect(error?.code.rawValue == "layer.file-changed")
        #expect(error?.code.category == .input)
        #expect(error?.subject == .file(path: path))
        if change == .deleted || change == .parentGone { #expect(error?.reason == "it is gone") }
    }

    @Test("a file that cannot be read fails the layer with its path")
    func unreadable() throws {
        let scratch = try TemporaryDirectory()
        chmod(scratch.path, 0o755)
        let path = try scratch.file("secret", Array("x".utf8), mode: 0)
        let layout = LayerLayout(
            try LayerBlueprint(.application, createdBy: "x", entries: [try fileEntry(path, at: "/file")])
        )
        let error = #expect(throws: Diagnostic.self) {
            try withoutRootsRights { try layout.render(from: 0, count: 1024) }
        }
        #expect(error?.code.rawValue == "layer.file-unreadable")
        #expect(error?.subject == .file(path: path))
    }

    @Test("only as many blocks are written as were asked for", arguments: [0, 10, 11, 1 << 20, 5 << 20] as [Int64])
    func upTo(limit: Int64) async throws {
        var generator = Pseudorandom(seed: 3)
        let content = (0..<4 << 20).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 20) }
        let blueprint = try LayerBlueprint(
            .application,
            createdBy: "x",
            entries: [LayerEntry(entryPath("/big"), .bytes(content), mode: 0o644)]
        )
        let whole = try await written(blueprint, level: 1)
        var sink = MemorySink()
        let work = LayerComparison(blueprint, LayerCompression(level: 1))
        let outcome = try await LayerWriter(cores: 2).write(work, to: &sink, upTo: limit)
        #expect(sink.bytes.count >= min(Int(limit), whole.bytes.count))
        #expect(sink.bytes.count < Int(limit) + (2 << 20))
        #expect(sink.bytes.elementsEqual(whole.bytes.prefix(sink.bytes.count)))
        if case .written(let result) = outcome {
            #expect(limit > whole.bytes.count)
            #expect(result.table.layer == whole.layer)
        } else {
            #expect(sink.bytes.count < whole.bytes.count)
        }
    }

    @Test(
        "a sink that fails ends the layer with the sink's own error",
        .timeLimit(.minutes(1)),
        arguments: [0, 9, 10, 1000, 200_000]
    )
    func fullDisk(room: Int) async throws {
        let blueprint = try GoldenLayerTests.blueprint()
        let error = await #expect(throws: Diagnostic.self) {
            var sink = FullSink(room: room)
            _ = try await LayerWriter(cores: 2).write(blueprint, LayerCompression(level: 1), to: &sink)
        }
        #expect(error?.code == .io)
        #expect(error?.reason == "No space left on device")
    }
}
