import ByteIO
import Diagnostics
import Glibc
import OCI
import Store
import TestSupport
import Testing

@Suite("The cache of blobs")
struct BlobCacheTests {
    static func draft(_ bytes: [UInt8], in directory: FilePath) throws(Diagnostic) -> SealedDraft {
        var draft = try BlobDraft(in: directory)
        try draft.write(bytes)
        return draft.seal()
    }

    static func descriptor(_ bytes: [UInt8]) -> Descriptor {
        Descriptor(mediaType: .layerTar, digest: Digest(sha256Of: bytes), size: Int64(bytes.count))
    }

    private func cache(_ scratch: TemporaryDirectory) throws -> BlobCache { try BlobCache(FilePath(scratch("cache"))) }

    @Test("a new cache is this user's alone, and holds nothing")
    func new() throws {
        let scratch = try TemporaryDirectory()
        let cache = try BlobCache(FilePath(scratch("a/b/cache")))
        for name in ["a", "a/b", "a/b/cache"] {
            #expect(try FileStatus(at: FilePath(scratch(name))).permissions == 0o700)
        }
        #expect(try names(in: scratch("a/b/cache")) == ["version"])
        #expect(try cache.blob(Self.descriptor([1])) == nil)
        #expect(try cache.document(Self.descriptor([1])) == nil)
        #expect(try cache.list() == [])
        #expect(cache.isWritable)
    }

    @Test("an entry that was put in comes out, also in another process", arguments: [0, 1, 300_000])
    func blob(size: Int) throws {
        let scratch = try TemporaryDirectory()
        let bytes = [UInt8](repeating: 7, count: size)
        let blob = Self.descriptor(bytes)
        let kept = try cache(scratch).insert(try Self.draft(bytes, in: cache(scratch).draftDirectory), as: blob)
        #expect(try contents(of: kept) == bytes)
        let found = try #require(try cache(scratch).blob(blob))
        #expect(found.descriptor == blob)
        #expect(try contents(of: found) == bytes)
        #expect(try cache(scratch).document(blob) == bytes)
        #expect(try names(in: scratch("cache/blobs/sha256")) == [blob.digest.hex])
        #expect(try names(in: scratch("cache")) == ["blobs", "version"])
    }

    @Test("a document is kept and found, once")
    func document() throws {
        let scratch = try TemporaryDirectory()
        let bytes = Array("{}".utf8)
        let cache = try cache(scratch)
        for _ in 0..<2 { #expect(try cache.insert(bytes, as: Self.descriptor(bytes))) }
        #expect(try cache.document(Self.descriptor(bytes)) == bytes)
        #expect(try !cache.insert([1], as: Self.descriptor(bytes)))
        #expect(try cache.document(Self.descriptor(bytes)) == bytes)
    }

    @Test(
        "an entry that is not what its name says counts as absent, is deleted, and can be put in again",
        .timeLimit(.minutes(1)),
        arguments: [
            #"printf x >> "$1""#, #": > "$1""#, #"tr a-y b-z < "$1" > "$1.t"; mv "$1.t" "$1""#,
            #"rm "$1"; mkdir "$1""#, #"rm "$1"; mkdir "$1"; touch "$1/x""#, #"rm "$1"; mkfifo "$1""#,
            #"mv "$1" "$2/elsewhere"; ln -s "$2/elsewhere" "$1""#, #"rm "$1"; ln -s nowhere "$1""#,
        ],
        [false, true]
    )
    func damaged(script: String, isDocument: Bool) throws {
        let scratch = try TemporaryDirectory()
        let cache = try cache(scratch)
        let bytes = Array("some bytes of a blob".utf8)
        let blob = Self.descriptor(bytes)
        _ = try cache.insert(try Self.draft(bytes, in: cache.draftDirectory), as: blob)
        let path = scratch("cache/blobs/sha256/\(blob.digest.hex)")
        try Command.shell(script, [path, scratch.path]).output()
        if isDocument {
            #expect(try cache.document(blob) == nil)
        } else {
            #expect(try cache.blob(blob) == nil)
        }
        #expect(!exists(path))
        try Command.shell(#": > "$1""#, [path]).output()
        _ = try Command.shell(script, [path, scratch.path]).run()
        let kept = try cache.insert(try Self.draft(bytes, in: cache.draftDirectory), as: blob)
        #expect(try contents(of: kept) == bytes)
        #expect(try cache.blob(blob) != nil)
    }

    @Test("a descriptor with a wrong size gets nothing, and deletes nothing")
    func wrongSize() throws {
        let scratch = try TemporaryDirectory()
        let cache = try cache(scratch)
        let bytes = Array("bytes".utf8)
        try cache.insert(bytes, as: Self.descriptor(bytes))
        var lie = Self.descriptor(bytes)
        lie.size += 1
        #expect(try cache.blob(lie) == nil)
        #expect(try cache.document(lie) == nil)
        #expect(try cache.document(Self.descriptor(bytes)) == bytes)
    }

    @Test("eight writers of the same blobs at once leave each of them once, and whole")
    func concurrent() throws {
        let scratch = try TemporaryDirectory()
        let path = FilePath(scratch("cache"))
        let blobs = (0..<20).map { number in [UInt8](repeating: UInt8(number), count: 10_000 + number) }
        let failures = onThreads(8) { _ in
            let cache = try BlobCache(path)
            for bytes in blobs {
                let blob = Self.descriptor(bytes)
                let kept = try cache.insert(try Self.draft(bytes, in: cache.draftDirectory), as: blob)
                guard try contents(of: kept) == bytes, try cache.blob(blob) != nil else {
                    throw SupportError("a blob is not there")
                }
            }
        }
        #expect(failures.isEmpty, "\(failures)")
        let cache = try BlobCache(path)
        #expect(try cache.list().count == 20)
        for bytes in blobs { #expect(try cache.document(Self.descriptor(bytes)) == bytes) }
        #expect(try names(in: scratch("cache")) == ["blobs", "version"])
    }

    @Test("what a tag pointed to is remembered, the last time counting")
    func references() throws {
        let scratch = try TemporaryDirectory()
        let cache = try cache(scratch)
        let (long, short) = (try Reference(parsing: "docker.io/library/app:1"), try Reference(parsing: "app:1"))
        #expect(try cache.descriptor(of: short) == nil)
        var first = Self.descriptor([1])
        first.annotations = ["a": "b"]
        try cache.remember(first, for: long)
        #expect(try cache.descriptor(of: short) == first)
        try cache.remember(Self.descriptor([2]), for: short)
        #expect(try cache.descriptor(of: long) == Self.descriptor([2]))
        #expect(try cache.descriptor(of: Reference(parsing: "app:2")) == nil)
    }

    @Test(
        "a damaged memory of a tag is forgotten",
        arguments: [
            #": > "$1""#, #"echo '{}' > "$1""#, #"sed -i s/app:1/app:2/ "$1""#, #"truncate -s 1M "$1""#, #"rm "$1""#,
        ]
    )
    func damagedReference(script: String) throws {
        let scratch = try TemporaryDirectory()
        let cache = try cache(scratch)
        let reference = try Reference(parsing: "app:1")
        try cache.remember(Self.descriptor([1]), for: reference)
        let name = try #require(try names(in: scratch("cache/references")).first)
        try Command.shell(script, [scratch("cache/references/\(name)")]).output()
        #expect(try cache.descriptor(of: reference) == nil)
        #expect(try names(in: scratch("cache/references")) == [])
    }

    @Test("what was derived is found by kind and digest")
    func derived() throws {
        let scratch = try TemporaryDirectory()
        let cache = try cache(scratch)
        let (a, b) = (Digest(sha256Of: [1]), Digest(sha256Of: [2]))
        #expect(try cache.insert(derived: [1, 2, 3], "files-1", of: a))
        #expect(try cache.insert(derived: [], "files-1", of: b))
        #expect(try cache.derived("files-1", of: a) == [1, 2, 3])
        #expect(try cache.derived("files-1", of: b) == [])
        #expect(try cache.derived("files-2", of: a) == nil)
        #expect(try cache.insert(derived: [4], "files-1", of: a))
        #expect(try cache.derived("files-1", of: a) == [4])
    }

    @Test(
        "a derived entry that does not verify, or is of another blob, counts as absent",
        arguments: [#"printf x >> "$1""#, #"truncate -s 20 "$1""#, #": > "$1""#, #"cp "$2" "$1""#]
    )
    func damagedDerived(script: String) throws {
        let scratch = try TemporaryDirectory()
        let cache = try cache(scratch)
        let (a, b) = (Digest(sha256Of: [1]), Digest(sha256Of: [2]))
        for digest in [a, b] { try cache.insert(derived: Array(digest.hex.utf8), "files-1", of: digest) }
        let paths = [a, b].map { scratch("cache/derived/files-1/\($0.hex)") }
        try Command.shell(script, paths).output()
        #expect(try cache.derived("files-1", of: a) == nil)
        #expect(!exists(paths[0]))
        #expect(try cache.derived("files-1", of: b) == Array(b.hex.utf8))
    }
}

/// All bytes, verified.
func contents(of blob: LocalBlob) throws -> [UInt8] {
    var reader = try blob.open()
    var bytes = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: 1000)
    while true {
        let count = try reader.read(into: &buffer)
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}
