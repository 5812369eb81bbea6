import ByteIO
import Diagnostics
import Glibc
import TestSupport
import Testing

@Suite("Drafts of files")
struct BlobDraftTests {
    private func draft(_ text: String, in scratch: TemporaryDirectory) throws -> SealedDraft {
        var draft = try BlobDraft(in: FilePath(scratch.path))
        for part in text.utf8 { try draft.write([part]) }
        return draft.seal()
    }

    private func read(_ path: String) throws -> [UInt8] {
        try OpenFile(FilePath(path), O_RDONLY).readAll(limit: 1 << 20)
    }

    @Test("a draft has no name until it gets one; with a second name it is copied, so that neither changes the other")
    func link() throws {
        let scratch = try TemporaryDirectory()
        let draft = try draft("content", in: scratch)
        #expect(draft.size == 7)
        #expect(try names(in: scratch.path) == [])
        #expect(try draft.link(at: FilePath(scratch("a"))))
        #expect(try draft.link(at: FilePath(scratch("b"))))
        #expect(try names(in: scratch.path) == ["a", "b"])
        #expect(try read(scratch("a")) == Array("content".utf8))
        for name in ["a", "b"] { #expect(try FileStatus(at: FilePath(scratch(name))).linkCount == 1) }
        try Command.shell(#"printf more >> "$1""#, [scratch("a")]).output()
        #expect(try read(scratch("b")) == Array("content".utf8))
    }

    @Test("a part of a file is copied behind what a draft has", arguments: [(0, 7), (2, 5), (7, 0)])
    func copy(offset: Int64, count: Int64) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("a", "content")
        let file = try OpenFile(FilePath(scratch("a")), O_RDONLY)
        for start in ["", "before "] {
            var draft = try BlobDraft(in: FilePath(scratch.path))
            try draft.write(Array(start.utf8))
            try draft.copy(file, at: offset, count: count)
            let sealed = draft.seal()
            let expected = start + "content".dropFirst(Int(offset)).prefix(Int(count))
            #expect(sealed.size == Int64(expected.utf8.count))
            #expect(try sealed.bytes(at: 0, count: expected.utf8.count) == Array(expected.utf8))
        }
    }

    @Test("a copy of more bytes than there are fails")
    func copyOfTooMany() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("a", "content")
        let file = try OpenFile(FilePath(scratch("a")), O_RDONLY)
        var draft = try BlobDraft(in: FilePath(scratch.path))
        #expect(throws: Diagnostic.self) { try draft.copy(file, at: 0, count: 8) }
    }

    @Test("a draft that goes out of scope is gone")
    func dropped() throws {
        let scratch = try TemporaryDirectory()
        do {
            var draft = try BlobDraft(in: FilePath(scratch.path))
            try draft.write([1, 2, 3])
        }
        _ = try draft("x", in: scratch)
        #expect(try names(in: scratch.path) == [])
    }

    @Test("a name that is taken is not taken away by a link, but by a replacement in one step")
    func replace() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("a", "old")
        try Command("ln", [scratch("a"), scratch("kept")]).output()
        let draft = try draft("new", in: scratch)
        #expect(try !draft.link(at: FilePath(scratch("a"))))
        #expect(try read(scratch("a")) == Array("old".utf8))
        try draft.replace(FilePath(scratch("a")))
        #expect(try read(scratch("a")) == Array("new".utf8))
        #expect(try read(scratch("kept")) == Array("old".utf8))
        #expect(try names(in: scratch.path) == ["a", "kept"])
    }

    @Test("a replacement that fails leaves nothing behind")
    func failedReplace() throws {
        let scratch = try TemporaryDirectory()
        try scratch.directory("a")
        let draft = try draft("new", in: scratch)
        let error = #expect(throws: Diagnostic.self) { try draft.replace(FilePath(scratch("a"))) }
        #expect(error?.code == .io)
        #expect(try names(in: scratch.path) == ["a"])
    }

    @Test("a draft is copied whole, in order", arguments: [0, 1, 1 << 18, (1 << 18) + 1, 700_000])
    func copy(size: Int) throws {
        let scratch = try TemporaryDirectory()
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var draft = try BlobDraft(in: FilePath(scratch.path))
        try draft.write(bytes)
        let sealed = draft.seal()
        #expect(sealed.size == Int64(size))
        var copy = try BlobDraft(in: FilePath(scratch.path))
        try sealed.copy(to: &copy)
        #expect(try copy.seal().link(at: FilePath(scratch("copy"))))
        #expect(try read(scratch("copy")) == bytes)
    }

    @Test("a directory that is not there is named")
    func missingDirectory() throws {
        let error = #expect(throws: Diagnostic.self) { _ = try BlobDraft(in: "/no/such/directory") }
        #expect(error?.code == .io)
        #expect(error?.subject == .file(path: "/no/such/directory"))
        #expect(error?.reason == "No such file or directory")
    }

    @Test("a full device is an error with a hint, not a crash")
    func fullDevice() throws {
        let full = try OpenFile("/dev/full", O_WRONLY)
        var error: SystemError?
        do throws(SystemError) {
            try full.write([1, 2, 3])
        } catch let failure {
            error = failure
        }
        #expect(error == SystemError(number: ENOSPC))
        #expect(error?.diagnostic("write", "/dev/full").hint != nil)
        #expect(error?.diagnostic("write", "/dev/full").code.category == .localIO)
    }
}
