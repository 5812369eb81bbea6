import Archive
import Diagnostics
import Layers
import Testing

/// Builds a root filesystem from lines such as `f a/b 3`, a file of three bytes.
///
/// `d PATH`, `f PATH SIZE`, `l PATH TARGET` for a hard link, `s PATH TARGET` for a symlink, `w PATH` for an empty file.
private func filesystem(_ layers: [String], _ limits: TableLimits = TableLimits()) throws -> RootFilesystem {
    var files = RootFilesystem(limits)
    for layer in layers {
        try files.beginLayer()
        for line in layer.split(separator: ";") {
            let words = line.split(separator: " ").map(String.init)
            let kind: TarEntry.Kind =
                switch words[0] {
                case "d": .directory
                case "l": .hardlink(target: Array(words[2].utf8))
                case "s": .symlink(target: Array(words[2].utf8))
                default: .regular
                }
            try files.apply(
                TarEntry(
                    path: Array(words[1].utf8),
                    kind: kind,
                    mode: 0o644,
                    uid: 0,
                    gid: 0,
                    size: words[0] == "f" ? Int64(words[2]) ?? 0 : 0
                )
            )
        }
    }
    files.settle()
    return files
}

/// One line a file: its path, its size, and what it is if it is not a plain file; implied directories in brackets.
private func listing(_ files: RootFilesystem) -> [String] {
    files.sorted.dropFirst().map { path, file in
        let text = String(path.description.dropFirst())
        if file.isImplied { return "[\(text)]" }
        return switch file.entry.kind {
        case .directory: text + "/"
        case .symlink(let target): "\(text) -> \(String(decoding: target, as: UTF8.self))"
        case .hardlink(let target): "\(text) \(file.contentSize) = \(String(decoding: target, as: UTF8.self))"
        default: "\(text) \(file.contentSize)"
        }
    }
}

@Suite("What layers make together")
struct RootFilesystemTests {
    @Test(
        "a hard link is bound to the file that its target was when its layer was applied",
        arguments: [
            (["f a 3;l b a", "w .wh.a"], ["b 3"]),
            (["f a 3;l b a", "f a 5"], ["a 5", "b 3"]),
            (["f a 3;l b a", "w .wh..wh..opq"], []),
            (["d d;f d/a 3;l b d/a", "w d/.wh..wh..opq"], ["b 3", "d/"]),
            (["d d;f d/a 3;l b d/a", "w .wh.d"], ["b 3"]),
            (["d d;f d/a 3;l b d/a", "f d 7"], ["b 3", "d 7"]),
            (["d d;f d/a 3;l b d/a", "s d elsewhere"], ["b 3", "d -> elsewhere"]),
            (["f a 3;l b a;l c b", "w .wh.a;w .wh.b"], ["c 3"]),
            (["f a 3;l b a;l c b", "f b 4", "w .wh.a"], ["b 4", "c 3"]),
            (["f a 3", "l b a", "f a 4", "w .wh.a"], ["b 3"]),
            (["f a 3;l b a;f a 4"], ["a 4", "b 3"]),
            (["f z 3;l a z;l m z"], ["a 3 = z", "m 3 = z", "z 3"]),
            (["f z 3;l m z;l a z", "w .wh.z"], ["a 3", "m 3 = a"]),
            (["s a nowhere;l b a", "w .wh.a"], ["b -> nowhere"]),
            (["d d;f d/a 3;s e d;l b e/a", "w .wh.d"], ["b 3", "e -> d"]),
        ]
    )
    func hardLinks(layers: [String], files: [String]) throws {
        #expect(try listing(filesystem(layers)) == files)
    }

    @Test(
        "a layer that no engine can unpack is refused",
        arguments: [
            ["l b a"], ["l b a;f a 1"], ["f a 1", "w .wh.a", "l b a"], ["d a;l b a"], ["l a a"], ["f a 1;l a a"],
            ["d a;f a/b 1;l a a/b"], ["f a 1;f a/b 1"], ["s a b;s b a;f a/c 1"], ["f a 1;d b;s b/l ../a;f b/l/c 1"],
        ]
    )
    func refused(layers: [String]) {
        let error = #expect(throws: Diagnostic.self) { try filesystem(layers) }
        #expect(error?.code == .layerCannotUnpack)
    }

    @Test(
        "directories, whiteouts and symlinks count as engines count them",
        arguments: [
            (["d a;d a/b;f a/b/foo 1", "d a;w a/.wh..wh..opq"], ["a/"]),
            (["d op;f op/old 1", "d op;f op/new 1;w op/.wh..wh..opq"], ["op/", "op/new 1"]),
            (["d op;f op/old 1", "w op/.wh..wh..opq;f op/new 1;w op/.wh..wh..opq"], ["op/", "op/new 1"]),
            (["f w 1", "f w 2;w .wh.w"], ["w 2"]),
            (["f x/y/z 1"], ["[x]", "[x/y]", "x/y/z 1"]),
            (["d d;f d/a 1", "f d/b 1;w .wh.d"], ["[d]", "d/b 1"]),
            (["d d;f d/a 1", "f d 2;d d;f d/c 3"], ["d/", "d/c 3"]),
            // A symlink of the layer itself is followed; one of a lower layer is hidden by the directory that engines make.
            (["d usr;s bin usr;f bin/a 1"], ["bin -> usr", "usr/", "usr/a 1"]),
            (["d usr;s bin usr", "f bin/a 1"], ["[bin]", "bin/a 1", "usr/"]),
            (["s a /b/c;f a/x 1"], ["a -> /b/c", "[b]", "[b/c]", "b/c/x 1"]),
            (["f a 1", "f a/b 2"], ["[a]", "a/b 2"]),
            (["s a ../../..;f a/x 1"], ["a -> ../../..", "x 1"]),
        ]
    )
    func directories(layers: [String], files: [String]) throws {
        #expect(try listing(filesystem(layers)) == files)
    }

    @Test("files are sorted so that a directory is followed by what is in it")
    func order() throws {
        let files = try filesystem(["f a-b 1;f a/b 1;f a/b-c 1;d a/b.d;f a.c 1;f a/b.d/x 1"])
        #expect(listing(files) == ["[a]", "a/b 1", "a/b-c 1", "a/b.d/", "a/b.d/x 1", "a-b 1", "a.c 1"])
        let paths = files.sorted.map(\.path)
        #expect(paths == paths.sorted())
        #expect(paths.allSatisfy { files[$0]?.entry.path == $0.bytes })
    }

    @Test("of a file with more names than are counted, the last one that is left is the file")
    func manyNames() throws {
        let count = 70_000
        let names = (1...count).map { "l d/n\($0) a" }.joined(separator: ";")
        let gone = (1..<count).map { "w d/.wh.n\($0)" }.joined(separator: ";")
        let files = try filesystem(["f a 3;\(names)", "w .wh.a;\(gone)", "f b 1"])
        #expect(listing(files) == ["b 1", "[d]", "d/n\(count) 3"])
    }

    @Test(
        "times before 1970 and in the far future stay as they are, and later ones end there",
        arguments: [
            (-1, -1), (0, 0), (4_000_000_000, 4_000_000_000), (1 << 46, 1 << 46), (.max, 1 << 47 - 1),
            (.min, 1 - 1 << 47),
        ] as [(Int64, Int64)]
    )
    func times(modified: Int64, expected: Int64) throws {
        var files = RootFilesystem()
        try files.beginLayer()
        let entry = TarEntry(
            path: [0x61],
            kind: .regular,
            mode: 0o7755,
            uid: .max,
            gid: 7,
            size: .max,
            modified: modified
        )
        try files.apply(entry, locator: .max)
        let file = try #require(files[EntryPath(normalizing: "/a")])
        #expect(file.entry.modified == expected)
        #expect(file.entry.mode == 0o7755)
        #expect(file.locator == .max)
        #expect((file.entry.uid, file.entry.gid, file.entry.size) == (.max, 7, .max))
    }

    @Test("the limits are for all layers together, and the message says how to raise them")
    func limits() throws {
        var few = TableLimits()
        few.entries = 4
        #expect(throws: Never.self) { try filesystem(["f a/b 1;f c 1", "f d 1"], few) }
        let entries = #expect(throws: Diagnostic.self) { try filesystem(["f a/b 1;f c 1", "f d 1;f e 1"], few) }
        #expect(entries?.code == .layerTooManyEntries)
        #expect(entries?.hint?.contains("CORACLE_MAX_ENTRIES") == true)
        var small = TableLimits()
        small.metadata = 4096
        let long = String(repeating: "x", count: 200)
        let metadata = #expect(throws: Diagnostic.self) {
            try filesystem((0..<30).map { "f \(long)\($0) 1" }, small)
        }
        #expect(metadata?.code == .layerTooMuchMetadata)
        #expect(metadata?.hint?.contains("CORACLE_MAX_METADATA") == true)
    }

    @Test(
        "short names that lead to long paths are counted as the paths that they are",
        // Files below a symlink, and hard links to a file far down.
        arguments: ["f l/NUMBER 1", "l hNUMBER l/file"]
    )
    func amplification(line: String) throws {
        var limits = TableLimits()
        limits.metadata = 1 << 20
        let deep = (0..<15).map { "\($0)" + String(repeating: "x", count: 200) }.joined(separator: "/")
        let first = "f \(deep)/file 1;s l \(deep)"
        let lines = [first] + (0..<1000).map { line.replacing("NUMBER", with: "\($0)") }
        let error = #expect(throws: Diagnostic.self) { try filesystem([lines.joined(separator: ";")], limits) }
        #expect(error?.code == .layerTooMuchMetadata)
    }

    @Test(
        "limits come from the environment",
        arguments: [
            ([:], 1_000_000, 64 << 20), (["CORACLE_MAX_ENTRIES": "7"], 7, 64 << 20),
            (["CORACLE_MAX_METADATA": "2", "CORACLE_MAX_ENTRIES": ""], 1_000_000, 2 << 20),
        ]
    )
    func environment(variables: [String: String], entries: Int, metadata: Int) throws {
        let limits = try TableLimits(environment: variables)
        #expect(limits.entries == entries)
        #expect(limits.metadata == metadata)
    }

    @Test("a limit that is not a number is refused", arguments: ["0", "-1", "many", "1e6", "99999999999999999999"])
    func malformedLimit(text: String) {
        for name in [TableLimits.entriesVariable, TableLimits.metadataVariable] {
            let error = #expect(throws: Diagnostic.self) { try TableLimits(environment: [name: text]) }
            #expect(error?.summary.contains("`\(name)`") == true)
        }
    }

    @Test("many whiteouts of one large directory take no longer than its files", .timeLimit(.minutes(1)))
    func repeatedWhiteouts() throws {
        var files = RootFilesystem()
        func entry(_ path: String, _ kind: TarEntry.Kind = .regular) -> TarEntry {
            TarEntry(path: Array(path.utf8), kind: kind, mode: 0o644, uid: 0, gid: 0, size: 0)
        }
        try files.beginLayer()
        try files.apply(entry("d", .directory))
        try files.beginLayer()
        for number in 0..<20_000 { try files.apply(entry("d/\(number)")) }
        for _ in 0..<20_000 {
            try files.apply(entry(".wh.d"))
            try files.apply(entry("d/.wh..wh..opq"))
        }
        files.settle()
        #expect(files.sorted.reduce(0) { count, _ in count + 1 } == 20_002)
    }
}
