import ByteIO
import Glibc
import TestSupport
import Testing

@Suite("Files and directories")
struct OpenFileTests {
    @Test(
        "a file is read up to the limit, and one larger than that is refused",
        arguments: [(0, true), (99, true), (100, true), (101, false)]
    )
    func limit(size: Int, isRead: Bool) throws {
        let scratch = try TemporaryDirectory()
        let bytes = [UInt8](repeating: 7, count: size)
        let path = FilePath(try scratch.file("x", bytes))
        if isRead {
            #expect(try OpenFile(path, O_RDONLY).readAll(limit: 100) == bytes)
        } else {
            #expect(throws: SystemError(number: EFBIG)) { try OpenFile(path, O_RDONLY).readAll(limit: 100) }
        }
    }

    @Test("a file is read from anywhere, and what is behind its end is nothing")
    func offsets() throws {
        let scratch = try TemporaryDirectory()
        let file = try OpenFile(FilePath(try scratch.file("x", Array(0..<10))), O_RDONLY)
        func read(_ count: Int, at offset: Int64) throws -> [UInt8] {
            var buffer = [UInt8](repeating: 0, count: count)
            let read = try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
            return Array(buffer[..<read])
        }
        #expect(try read(4, at: 3) == [3, 4, 5, 6])
        #expect(try read(4, at: 8) == [8, 9])
        #expect(try read(4, at: 100) == [])
    }

    @Test("a path longer than the kernel takes at once is opened")
    func longPath() throws {
        let scratch = try TemporaryDirectory()
        let name = String(repeating: "d", count: 200)
        // Deeper than PATH_MAX: made step by step.
        try Command.shell(
            #"cd "$1" && for i in $(seq 60); do mkdir "$2" && cd -P "./$2" || exit 1; done; printf deep > file"#,
            [scratch.path, name]
        ).output()
        let path = FilePath(scratch.path + String(repeating: "/" + name, count: 60) + "/file")
        #expect(path.bytes.count > Int(PATH_MAX))
        #expect(try OpenFile(path, O_RDONLY).readAll(limit: 100) == Array("deep".utf8))
        let error = #expect(throws: SystemError.self) {
            _ = try OpenFile(FilePath(bytes: path.bytes + [0x78]), O_RDONLY)
        }
        #expect(error?.number == ENOENT)
        deleteTree(FilePath(scratch(name)))
    }

    @Test("names are bytes, and every one is listed")
    func directoryNames() throws {
        let scratch = try TemporaryDirectory()
        let expected: [[UInt8]] = [
            [0x62, 0xFF], Array("a\nb".utf8), Array("é".utf8), Array(".hidden".utf8), Array("-rf".utf8),
        ]
        for name in expected {
            _ = try OpenFile(FilePath(scratch.path).appending(name: name), O_WRONLY | O_CREAT | O_EXCL)
        }
        #expect(Set(try directoryEntries(of: FilePath(scratch.path))) == Set(expected))
    }

    @Test("a directory is not listed through a symlink")
    func symlinkedDirectory() throws {
        let scratch = try TemporaryDirectory()
        try scratch.directory("real")
        try Command("ln", ["-s", "real", scratch("link")]).output()
        let error = #expect(throws: SystemError.self) { try directoryEntries(of: FilePath(scratch("link"))) }
        #expect([ELOOP, ENOTDIR].contains(error?.number))
    }

    @Test("a tree is deleted, and what its symlinks lead to is not")
    func deleting() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("kept/canary", "x")
        try scratch.file("tree/a/b/c", "x")
        try Command("ln", ["-s", scratch("kept"), scratch("tree/link")]).output()
        deleteTree(FilePath(scratch("tree")))
        #expect(try names(in: scratch.path) == ["kept"])
        #expect(try names(in: scratch("kept")) == ["canary"])
    }

    @Test(
        "the kind of a file is found without opening it",
        arguments: [
            (#"touch "$1""#, FileStatus.Kind.regular), (#"mkdir "$1""#, .directory), (#"ln -s x "$1""#, .symlink),
            (#"mkfifo "$1""#, .fifo),
            (#"mknod "$1" c 1 3"#, .characterDevice), (#"mknod "$1" b 7 0"#, .blockDevice),
        ]
    )
    func kinds(script: String, kind: FileStatus.Kind) throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(script, [scratch("x")]).output()
        #expect(try FileStatus(at: FilePath(scratch("x"))).kind == kind)
    }

    @Test("modes have all twelve bits")
    func modes() throws {
        let scratch = try TemporaryDirectory()
        let path = FilePath(try scratch.file("x", "x", mode: 0o6751))
        #expect(try FileStatus(at: path).permissions == 0o6751)
        #expect(try FileStatus(at: path).isExecutable)
    }

    @Test("a rename to a name that is taken changes nothing")
    func renaming() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("from/x", "x")
        try scratch.directory("taken")
        #expect(try !renameDirectory(FilePath(scratch("from")), toAbsent: FilePath(scratch("taken"))))
        #expect(try names(in: scratch.path) == ["from", "taken"])
        #expect(try renameDirectory(FilePath(scratch("from")), toAbsent: FilePath(scratch("to"))))
        #expect(try names(in: scratch("to")) == ["x"])
    }

    @Test(
        "the directory of a path is the one it is in",
        arguments: [("a", "."), ("a/b", "a"), ("/a", "/"), ("a/b/", "a"), ("../a", ".."), ("./a", ".")]
    )
    func directories(path: String, directory: String) {
        #expect(FilePath(path).directory == FilePath(directory))
    }

    @Test("temporary names are hidden, ours, and never the same")
    func temporaryNames() {
        let names = (0..<100).map { _ in TemporaryPaths.name(in: "/x", for: "blob") }
        #expect(Set(names).count == 100)
        #expect(names.allSatisfy { $0.display.hasPrefix("/x/.coracle-tmp.blob.\(getpid()).") })
    }

    @Test("memory is read and skipped like a file", arguments: [1, 3, 100])
    func memory(step: Int) throws {
        var source = MemorySource(Array(0..<50))
        #expect(try source.skip(10) == 10)
        var bytes = [UInt8]()
        while true {
            let part = try withBuffer(of: step) { buffer in
                let count = try source.read(into: buffer)
                return Array(buffer[..<count])
            }
            if part.isEmpty { break }
            bytes += part
        }
        #expect(bytes == Array(10..<50))
        #expect(try source.skip(1) == 0)
    }
}
