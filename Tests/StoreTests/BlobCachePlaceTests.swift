import ByteIO
import Diagnostics
import Glibc
import OCI
import Store
import TestSupport
import Testing

@Suite("Where the cache is, and what is pruned from it")
struct BlobCachePlaceTests {
    private static func descriptor(_ bytes: [UInt8]) -> Descriptor { BlobCacheTests.descriptor(bytes) }

    @Test(
        "a directory that is not this user's alone, or is something else, is not used",
        arguments: [
            (#"mkdir "$1"; chmod 777 "$1""#, "everybody may write to"),
            (#"mkdir "$1"; chmod 1777 "$1""#, "others may write to it"),
            (#"mkdir "$2/open"; chmod 777 "$2/open"; mkdir "$2/open/c"; ln -s open/c "$1""#, "everybody may write to"),
            (#"echo x > "$1""#, "is not a directory"), (#"mkfifo "$1""#, "is not a directory"),
            (#"ln -s nowhere/at/all "$1""#, "it is not there"),
            (#"mkdir "$1"; echo x > "$1/main.go""#, "such as `main.go`"),
            (#"mkdir "$1"; echo 2 > "$1/version""#, "another version"),
            (#"mkdir "$1"; : > "$1/version""#, "another version"),
            (#"mkdir "$1"; ln -s /etc/passwd "$1/version""#, "another version"),
            (#"mkdir "$1"; mkfifo "$1/version""#, "another version"),
        ]
    )
    func refused(script: String, reason: String) throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(script, [scratch("cache"), scratch.path]).output()
        let before = try Command.shell(#"ls -lR "$1""#, [scratch.path]).output()
        let error = #expect(throws: Diagnostic.self) { try BlobCache(FilePath(scratch("cache"))) }
        #expect(error?.code == .cacheUnusable)
        #expect(error?.code.category == .localIO)
        #expect(error?.reason?.contains(reason) == true, "\(error?.reason ?? "")")
        #expect(try Command.shell(#"ls -lR "$1""#, [scratch.path]).output() == before)
    }

    @Test("nothing is made below a world-writable directory")
    func openParent() throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(#"mkdir "$1"; chmod 777 "$1""#, [scratch("open")]).output()
        let error = #expect(throws: Diagnostic.self) { try BlobCache(FilePath(scratch("open/a/cache"))) }
        #expect(error?.code == .cacheUnusable)
        #expect(try names(in: scratch("open")) == [])
    }

    @Test("root works in a directory of a user's", .enabled(if: geteuid() == 0))
    func otherUser() throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(#"mkdir "$1"; chown 12345 "$1""#, [scratch("cache")]).output()
        #expect(try BlobCache(FilePath(scratch("cache"))).insert([1], as: Self.descriptor([1])))
    }

    @Test("a symlink to a cache is followed once, and what it points to is used")
    func symlinked() throws {
        let scratch = try TemporaryDirectory()
        try scratch.directory("real")
        #expect(symlink("real", scratch("cache")) == 0)
        let cache = try BlobCache(FilePath(scratch("cache")))
        #expect(cache.path == FilePath(scratch("real")).resolved)
    }

    @Test("a read-only cache is read, and writing to it is not an error")
    func readOnly() throws {
        let scratch = try TemporaryDirectory()
        let path = FilePath(scratch("cache"))
        let bytes = Array("bytes".utf8)
        try BlobCache(path).insert(bytes, as: Self.descriptor(bytes))
        let script = #"mount --bind "$1" "$1" && mount -o remount,ro,bind "$1""#
        guard try Command.shell(script, [scratch("cache")]).run().exitCode == 0 else { return }
        defer { _ = try? Command("umount", [scratch("cache")]).run() }
        let cache = try BlobCache(path)
        #expect(!cache.isWritable)
        #expect(try cache.document(Self.descriptor(bytes)) == bytes)
        #expect(try !cache.insert([1], as: Self.descriptor([1])))
        #expect(try !cache.remember(Self.descriptor([1]), for: Reference(parsing: "app:1")))
        #expect(try !cache.insert(derived: [1], "files-1", of: Digest(sha256Of: [1])))
        let kept = try cache.insert(try BlobCacheTests.draft([1], in: FilePath(scratch.path)), as: Self.descriptor([1]))
        #expect(try contents(of: kept) == [1])
        #expect(try cache.blob(Self.descriptor([1])) == nil)
    }

    @Test("if the cache's disk is full, a blob is kept as long as it is used")
    func full() throws {
        let scratch = try TemporaryDirectory()
        try scratch.directory("disk")
        let mount = ["-t", "tmpfs", "-o", "size=64k,mode=0755", "tmpfs", scratch("disk")]
        guard try Command("mount", mount).run().exitCode == 0 else { return }
        defer { _ = try? Command("umount", ["-l", scratch("disk")]).run() }
        let cache = try BlobCache(FilePath(scratch("disk/cache")))
        try Command.shell(#"head -c 1000000 /dev/zero > "$1" 2>/dev/null || true"#, [scratch("disk/filler")]).output()
        let bytes = Array("some bytes".utf8)
        #expect(try !cache.insert(bytes, as: Self.descriptor(bytes)))
        let draft = try BlobCacheTests.draft(bytes, in: FilePath(scratch.path))
        let kept = try cache.insert(draft, as: Self.descriptor(bytes))
        #expect(try contents(of: kept) == bytes)
        #expect(try kept.duplicated(in: FilePath(scratch.path)).link(at: FilePath(scratch("elsewhere"))))
        #expect(try readFile(scratch("elsewhere")) == bytes)
    }

    // MARK: Pruning

    /// A cache of blobs with 100, 200, … 500 bytes, used 500, 400, … 100 seconds before the time 10000.
    private func aged(_ scratch: TemporaryDirectory) throws -> BlobCache {
        let cache = try BlobCache(FilePath(scratch("cache")))
        for number in 1...5 {
            let bytes = [UInt8](repeating: UInt8(number), count: number * 100)
            try cache.insert(bytes, as: Self.descriptor(bytes))
            let path = scratch("cache/blobs/sha256/\(Self.descriptor(bytes).digest.hex)")
            try Command("touch", ["-d", "@\(10000 - 600 + 100 * number)", path]).output()
        }
        return cache
    }

    @Test(
        "old entries are deleted, and the least recently used until little enough is left",
        arguments: [
            (nil, nil, []), (0, nil, [100, 200, 300, 400, 500]), (1500, nil, []), (1499, nil, [100]),
            (900, nil, [100, 200, 300]), (nil, 299, [100, 200, 300]), (nil, 300, [100, 200]), (nil, 1000, []),
            (500, 350, [100, 200, 300, 400]), (nil, 0, [100, 200, 300, 400, 500]),
        ] as [(Int64?, Int64?, [Int64])]
    )
    func prune(maximum: Int64?, age: Int64?, sizes: [Int64]) throws {
        let scratch = try TemporaryDirectory()
        let cache = try aged(scratch)
        #expect(try cache.list().map(\.size) == [100, 200, 300, 400, 500])
        #expect(try cache.list().map(\.lastUse) == [9500, 9600, 9700, 9800, 9900])
        let deleted = try cache.prune(keeping: maximum, olderThan: age, now: 10000)
        #expect(deleted.map(\.size) == sizes)
        #expect(try cache.list().map(\.size) == [100, 200, 300, 400, 500].filter { !sizes.contains($0) })
    }

    @Test("reading makes an entry young again, and a blob in use outlives its pruning")
    func use() throws {
        let scratch = try TemporaryDirectory()
        let cache = try aged(scratch)
        let bytes = [UInt8](repeating: 1, count: 100)
        let blob = try #require(try cache.blob(Self.descriptor(bytes)))
        #expect(try cache.list().map(\.size) == [200, 300, 400, 500, 100])
        try cache.prune(keeping: 0, olderThan: nil, now: 10000)
        #expect(try cache.list() == [])
        #expect(try contents(of: blob) == bytes)
        #expect(try blob.duplicated(in: FilePath(scratch.path)).size == 100)
    }

    @Test("all kinds are listed and pruned, strangers' files are not, and leftovers are swept away")
    func kinds() throws {
        let scratch = try TemporaryDirectory()
        let cache = try BlobCache(FilePath(scratch("cache")))
        let digest = Digest(sha256Of: [1])
        try cache.insert([1], as: Self.descriptor([1]))
        try cache.insert(derived: [1], "files-1", of: digest)
        try cache.remember(Self.descriptor([1]), for: Reference(parsing: "app:1"))
        for name in [".coracle-tmp.x", "blobs/sha256/.coracle-tmp.x", "derived/files-1/.coracle-tmp.x", "README"] {
            try scratch.file("cache/\(name)", "x")
        }
        let reference = Digest(sha256Of: Array("docker.io/library/app:1".utf8))
        let expected: Set = [
            "blob \(digest)", "derived(\"files-1\") \(digest)", "reference \(reference)",
        ]
        #expect(Set(try cache.list().map { "\($0.kind) \($0.digest)" }) == expected)
        #expect(try cache.prune(keeping: nil, olderThan: nil, now: 0) == [])
        #expect(try names(in: scratch("cache")) == ["README", "blobs", "derived", "references", "version"])
        #expect(try names(in: scratch("cache/blobs/sha256")) == [digest.hex])
        #expect(try cache.prune(keeping: 0, olderThan: nil, now: 0).count == 3)
        #expect(try cache.list() == [])
        #expect(exists(scratch("cache/README")))
    }
}
