@testable import Build
import ByteIO
import Diagnostics
import Layers
import OCI
import Plan
import Request
import TestSupport
import Testing

/// What the cache keeps of a build, besides its layers.
@Suite("What is kept of a build")
struct KeptBuildTests {
    @Test("facts are read as they were written, but for where layers come from", arguments: [false, true])
    func facts(hasRuntime: Bool) async throws {
        let scratch = try TemporaryDirectory()
        var request = BuildRequest(paths: [FilePath(try scratch.file("server", staticProgram(), mode: 0o755))])
        if !hasRuntime { request.runtime = nil }
        request.output = .layout(FilePath(scratch("out")))
        let builder = Builder(cores: 2)
        let facts = try await builder.build(try await builder.plan(request)).facts
        let kept = facts.kept
        let read = try BuildFacts(kept: JSONReader(try JSON(parsing: kept.encoded(), named: "kept"), named: "kept"))
        #expect(read.kept == kept)
        #expect(read.summary() == facts.summary())
        #expect(read.images.flatMap(\.layers).allSatisfy { $0.written?.provenance == .unchanged })
        let delivery = BuildDelivery(output: request.output, isPushed: false, names: [], application: "server")
        var (before, after) = (facts.json(of: nil, delivery, nil), read.json(of: nil, delivery, nil))
        for json in [before, after] { #expect(json["images"] != nil) }
        (before["images"], after["images"]) = (nil, nil)
        #expect(before == after)
    }

    /// The entries of two layers.
    private func entries() throws -> [[LayerEntry]] {
        let scratch = try TemporaryDirectory()
        let stamp = try FileStatus(at: FilePath(try scratch.file("a", "content"))).stamp
        return [[], entries(stamp)]
    }

    private func entries(_ stamp: FileStamp) -> [LayerEntry] {
        [
            LayerEntry(EntryPath(unchecked: Array("app".utf8)), .directory, mode: 0o755),
            LayerEntry(
                EntryPath(unchecked: Array("app/a".utf8)),
                .file("/home/me/app/a", stamp),
                mode: 0o644,
                uid: 1,
                gid: 2
            ),
            LayerEntry(
                EntryPath(unchecked: Array("app/ab".utf8)),
                .file("x", stamp),
                mode: 0o4755
            ),
            LayerEntry(EntryPath(unchecked: [0x61, 0xFF]), .bytes([1, 2, 3]), mode: 0o600),
            LayerEntry(EntryPath(unchecked: Array("b".utf8)), .symlink(target: [0xFE, 0x2F]), mode: 0o777),
            LayerEntry(
                EntryPath(unchecked: Array("c".utf8)),
                .hardlink(to: EntryPath(unchecked: Array("app/a".utf8))),
                mode: 0o644
            ),
        ]
    }

    @Test("the files of layers are read as they were written, and only for the inputs that they are of")
    func files() throws {
        let (entries, inputs) = (try entries(), Digest(sha256Of: [1]))
        let bytes = LayerFileRecord.encode(entries, of: inputs)
        #expect(LayerFileRecord.decode(bytes, of: inputs) == entries.map { $0.compactMap { LayerFile($0) } })
        #expect(LayerFileRecord.decode(bytes, of: Digest(sha256Of: [2])) == nil)
        #expect(LayerFileRecord.decode(bytes + [0], of: inputs) == nil)
    }

    @Test(
        "a list of files does not name the place where a file was unpacked for one build",
        arguments: [
            ("/tmp/\(TemporaryPaths.prefix)unpack.7.z/bin/a", true), ("\(TemporaryPaths.prefix)unpack.7.z/a", false),
            ("/srv/\(TemporaryPaths.prefix)layout.7.z/a", false), ("/srv/unpack.7/a", false),
            ("/srv/\(TemporaryPaths.prefix)unpac", false),
        ]
    )
    func unpacked(path: String, isUnpacked: Bool) throws {
        let scratch = try TemporaryDirectory()
        let stamp = try FileStatus(at: FilePath(try scratch.file("a", "content"))).stamp
        let entry = LayerEntry(EntryPath(unchecked: Array("a".utf8)), .file(FilePath(path), stamp), mode: 0o644)
        #expect(LayerFile(entry)?.content == (isUnpacked ? .made(7) : .copied(from: FilePath(path), 7)))
    }

    @Test("a damaged record of files is another one, or none")
    func damaged() throws {
        let (entries, inputs) = (try entries(), Digest(sha256Of: [1]))
        let bytes = LayerFileRecord.encode(entries, of: inputs)
        for count in bytes.indices { #expect(LayerFileRecord.decode(Array(bytes[..<count]), of: inputs) == nil) }
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                let read = LayerFileRecord.decode(damaged, of: inputs)
                #expect((read?.map(\.count) ?? [0, 5]) == [0, 5])
            }
        }
    }
}
