import ByteIO
import Diagnostics
import Glibc
import OCI
import Store
import TestSupport
import Testing

@Suite("What is at the output already")
struct OutputPlaceTests {
    @Test("a tag that another program added with the full reference copied along stays")
    func copiedReference() async throws {
        let scratch = try TemporaryDirectory()
        let (a, b) = (SmallImage("a"), SmallImage("b"))
        try await publish(a, ["app:1"], to: scratch("out"))
        try Command("umoci", ["tag", "--image", "\(scratch("out")):1", "2"]).output()
        try await publish(b, ["app:1"], to: scratch("out"))
        let entries = try ImageSource(FilePath(scratch("out"))).index().manifests
        #expect(entries.map { $0.annotations?[AnnotationKey.refName] } == ["1", "2"])
        #expect(entries.map(\.digest) == [b.manifest.descriptor.digest, a.manifest.descriptor.digest])
    }

    @Test("the newest image has the tag, and the older one with the same tag keeps its full name")
    func sameTag() async throws {
        let scratch = try TemporaryDirectory()
        let (a, b) = (SmallImage("a"), SmallImage("b"))
        try await publish(a, ["app:1"], to: scratch("out"))
        try await publish(b, ["other:1"], to: scratch("out"))
        let entries = try ImageSource(FilePath(scratch("out"))).index().manifests
        #expect(entries.map(\.entryTag) == [nil, "1"])
        #expect(entries.map(\.entryName) == ["docker.io/library/app:1", "docker.io/library/other:1"])
        let raw = try Command("skopeo", ["inspect", "--raw", "oci:\(scratch("out")):1"]).run()
        #expect(raw.outputBytes == b.manifest.bytes)
        // The other way round again: nothing is lost, and nothing is there twice.
        try await publish(a, ["app:1"], to: scratch("out"))
        #expect(try ImageSource(FilePath(scratch("out"))).index().manifests.map(\.entryTag) == ["1", nil])
    }

    @Test("a symlink to a layout, or to a place for one, is followed")
    func followedSymlink() async throws {
        let scratch = try TemporaryDirectory()
        let (a, b) = (SmallImage("a"), SmallImage("b"))
        try scratch.directory("real")
        #expect(symlink("real", scratch("out")) == 0)
        try await publish(a, ["app:1"], to: scratch("out"))
        try await publish(b, ["app:2"], to: scratch("out"))
        #expect(try FileStatus(at: FilePath(scratch("out"))).kind == .symlink)
        #expect(try names(in: scratch.path) == ["out", "real"])
        #expect(
            try contents(of: scratch("real")) == [
                "docker.io/library/app:1": a.manifest.descriptor.digest,
                "docker.io/library/app:2": b.manifest.descriptor.digest,
            ]
        )
    }

    @Test("a symlink to nothing is in the way")
    func danglingSymlink() throws {
        let scratch = try TemporaryDirectory()
        #expect(symlink("nowhere", scratch("out")) == 0)
        let error = #expect(throws: Diagnostic.self) { try LayoutDestination(FilePath(scratch("out"))) }
        #expect(error?.code == .outputExists)
        #expect(try names(in: scratch.path) == ["out"])
    }

    @Test(
        "an archive replaces an archive or an empty file, and nothing else",
        .timeLimit(.minutes(1)),
        arguments: [
            (#": > "$1""#, true), (#"tar -cf "$1" -C / etc/passwd"#, true), (#"echo text > "$1""#, false),
            (#"head -c 4096 /dev/zero > "$1""#, false), (#"mkfifo "$1""#, false), (#"mkdir "$1""#, false),
            (#"ln -s /dev/null "$1""#, false),
        ]
    )
    func archive(script: String, isReplaced: Bool) throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(script, [scratch("out.tar")]).output()
        let before = try FileStatus(at: FilePath(scratch("out.tar")))
        do throws(Diagnostic) {
            _ = try ArchiveDestination(FilePath(scratch("out.tar")))
            #expect(isReplaced)
        } catch {
            #expect(!isReplaced)
            #expect(error.code == .outputExists)
        }
        #expect(try FileStatus(at: FilePath(scratch("out.tar"))) == before)
    }

    @Test(
        "an archive that is not of a layout is named, with a way out where there is one",
        arguments: [
            (#"gzip -c "$2" > "$1""#, "what is compressed in it is not a tar", "name an image layout"),
            (
                #"tar -cf "$1" -C "$(dirname "$2")" manifest.json --transform s/manifest/other/"#,
                "`oci-layout`: the archive has no such entry", "that `coracle build -o` wrote"
            ),
        ]
    )
    func noArchive(script: String, reason: String, hint: String) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("manifest.json", "[]")
        try Command.shell(script, [scratch("image"), scratch("manifest.json")]).output()
        let error = #expect(throws: Diagnostic.self) { try ImageSource(FilePath(scratch("image"))) }
        #expect(error?.code == .layoutMalformed)
        #expect(error?.reason == reason)
        #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "")")
    }
}
