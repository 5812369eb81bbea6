import ByteIO
import Diagnostics
import Glibc
import OCI
import Store
import TestSupport
import Testing

@Suite("Publishing into an image layout")
struct LayoutDestinationTests {
    @Test("a new layout has its images and nothing else, and nothing is left beside it")
    func new() async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        try await publish(image, ["me/app:1"], to: scratch("out"))
        #expect(try names(in: scratch.path) == ["out"])
        #expect(try names(in: scratch("out")) == ["blobs", "index.json", "oci-layout"])
        #expect(try names(in: scratch("out/blobs")) == ["sha256"])
        #expect(try names(in: scratch("out/blobs/sha256")) == image.digests.map(\.hex).sorted())
        #expect(try readFile(scratch("out/oci-layout")) == Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        let manifest = image.manifest.descriptor
        let index =
            #"{"manifests":[{"annotations":{"io.containerd.image.name":"docker.io/me/app:1","org.opencontainers.image.ref.name":"1"},"#
            + #""digest":"\#(manifest.digest)","mediaType":"application/vnd.oci.image.manifest.v1+json","size":\#(manifest.size)}],"#
            + #""mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}"#
        #expect(String(decoding: try readFile(scratch("out/index.json")), as: UTF8.self) == index)
        #expect(try contents(of: scratch("out")) == ["docker.io/me/app:1": manifest.digest])
    }

    @Test("what is published is readable for others, whatever the umask of the files' makers")
    func modes() async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        try await publish(image, [], to: scratch("out"))
        for name in ["out", "out/blobs", "out/blobs/sha256"] {
            #expect(try FileStatus(at: FilePath(scratch(name))).permissions == 0o755)
        }
        for name in ["out/index.json", "out/oci-layout"] + image.digests.map({ "out/blobs/sha256/\($0.hex)" }) {
            #expect(try FileStatus(at: FilePath(scratch(name))).permissions == 0o644, "\(name)")
        }
    }

    @Test("an image of the same name takes the other's place, one of another name comes behind it")
    func names_() async throws {
        let scratch = try TemporaryDirectory()
        let (a, b, c) = (SmallImage("a"), SmallImage("b"), SmallImage("c"))
        try await publish(a, ["app:1"], to: scratch("out"))
        try await publish(b, ["app:2", "other:1"], to: scratch("out"))
        try await publish(c, ["app:1"], to: scratch("out"))
        let entries = try ImageSource(FilePath(scratch("out"))).index().manifests
        #expect(entries.map { $0.annotations?[AnnotationKey.refName] } == ["1", "2", nil])
        #expect(
            try contents(of: scratch("out")) == [
                "docker.io/library/app:1": c.manifest.descriptor.digest,
                "docker.io/library/app:2": b.manifest.descriptor.digest,
                "docker.io/library/other:1": b.manifest.descriptor.digest,
            ]
        )
    }

    @Test("an image without a name takes the place of the one without a name, and of no other")
    func untagged() async throws {
        let scratch = try TemporaryDirectory()
        let (a, b, c) = (SmallImage("a"), SmallImage("b"), SmallImage("c"))
        try await publish(a, [], to: scratch("out"))
        try await publish(b, ["app:1"], to: scratch("out"))
        try await publish(c, [], to: scratch("out"))
        #expect(
            try contents(of: scratch("out")) == [
                "": c.manifest.descriptor.digest, "docker.io/library/app:1": b.manifest.descriptor.digest,
            ]
        )
    }

    @Test("publishing the same image again writes nothing")
    func again() async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("a"), ["app:1"], to: scratch("out"))
        let before = try FileStatus(at: FilePath(scratch("out/index.json")))
        let blobs = try FileStatus(at: FilePath(scratch("out/blobs/sha256")))
        try await publish(SmallImage("a"), ["app:1"], to: scratch("out"))
        #expect(try FileStatus(at: FilePath(scratch("out/index.json"))) == before)
        #expect(try FileStatus(at: FilePath(scratch("out/blobs/sha256"))) == blobs)
        #expect(try names(in: scratch("out")) == ["blobs", "index.json", "oci-layout"])
    }

    @Test("entries and members of other programs are kept")
    func remote() async throws {
        let scratch = try TemporaryDirectory()
        let other = SmallImage("other")
        try await publish(other, [], to: scratch("out"))
        let digest = other.manifest.descriptor.digest
        let (size, type) = (other.manifest.descriptor.size, "application/vnd.oci.image.manifest.v1+json")
        let entries = [
            #"{"annotations":{"org.opencontainers.image.ref.name":"weird name/with:all"},"digest":"\#(digest)","mediaType":"\#(type)","size":\#(size),"x-future":{"a":[1.50]}}"#,
            #"{"artifactType":"application/x.sbom","digest":"\#(digest)","mediaType":"\#(type)","size":\#(size)}"#,
        ]
        let index =
            #"{"annotations":{"who":"them"},"manifests":[\#(entries.joined(separator: ","))],"schemaVersion":2,"x-top":[null,1e3]}"#
        try writeFile(scratch("out/index.json"), index)
        try writeFile(scratch("out/README"), "theirs")

        let mine = SmallImage("mine")
        try await publish(mine, ["me/app:1"], to: scratch("out"))
        let text = String(decoding: try readFile(scratch("out/index.json")), as: UTF8.self)
        for entry in entries { #expect(text.contains(entry)) }
        #expect(text.contains(#""annotations":{"who":"them"}"#))
        #expect(text.contains(#""x-top":[null,1e3]"#))
        #expect(text.contains(mine.manifest.descriptor.digest.description))
        #expect(try readFile(scratch("out/README")) == Array("theirs".utf8))
    }

    @Test(
        "a corrupt blob under the right name is replaced",
        arguments: [
            #": > "$1""#, #"printf x >> "$1""#,
            #"head -c 3 "$1" > "$1.t"; printf X >> "$1.t"; tail -c +5 "$1" >> "$1.t"; mv "$1.t" "$1""#,
            #"rm "$1"; ln -s "$2" "$1""#, #"rm "$1"; ln -s nowhere "$1""#, #"rm "$1"; mkfifo "$1""#,
        ]
    )
    func corrupt(script: String) async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        let canary = try scratch.file("canary", "untouched")
        try await publish(image, ["app:1"], to: scratch("out"))
        for digest in image.digests {
            try Command.shell(script, [scratch("out/blobs/sha256/\(digest.hex)"), canary]).output()
        }
        try await publish(image, ["app:1"], to: scratch("out"))
        #expect(try contents(of: scratch("out")) == ["docker.io/library/app:1": image.manifest.descriptor.digest])
        #expect(try names(in: scratch("out/blobs/sha256")) == image.digests.map(\.hex).sorted())
        #expect(try readFile(canary) == Array("untouched".utf8))
    }

    @Test("an intact blob is kept as it is")
    func intact() async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        try await publish(image, [], to: scratch("out"))
        let blobs = image.digests.map { FilePath(scratch("out/blobs/sha256/\($0.hex)")) }
        let before = try blobs.map { try FileStatus(at: $0).stamp }
        try await publish(image, ["app:1"], to: scratch("out"))
        #expect(try blobs.map { try FileStatus(at: $0).stamp } == before)
    }

    // MARK: What may be in the way

    @Test("an empty directory becomes a layout")
    func emptyDirectory() async throws {
        let scratch = try TemporaryDirectory()
        try scratch.directory("out")
        try await publish(SmallImage("a"), ["app:1"], to: scratch("out"))
        #expect(try contents(of: scratch("out")).count == 1)
    }

    @Test(
        "a layout whose making was cut short is completed",
        arguments: [["blobs"], ["blobs", "index.json"], ["index.json"]]
    )
    func incomplete(kept: [String]) async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("a"), [], to: scratch("whole"))
        try scratch.directory("out")
        for name in kept { try Command("cp", ["-r", scratch("whole/\(name)"), scratch("out/\(name)")]).output() }
        try await publish(SmallImage("a"), [], to: scratch("out"))
        #expect(try contents(of: scratch("out")) == ["": SmallImage("a").manifest.descriptor.digest])
    }

    @Test("a directory with other things in it is refused and left as it is")
    func otherDirectory() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("out/main.go", "package main")
        let error = #expect(throws: Diagnostic.self) { try LayoutDestination(FilePath(scratch("out"))) }
        #expect(error?.code == .outputExists)
        #expect(error?.code.category == .usage)
        #expect(error?.reason?.contains("`main.go`") == true)
        #expect(try names(in: scratch("out")) == ["main.go"])
    }

    @Test(
        "a file, a FIFO or a socket in the place of a layout is refused",
        arguments: [#"echo x > "$1""#, #"mkfifo "$1""#]
    )
    func notADirectory(script: String) throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(script, [scratch("out")]).output()
        let error = #expect(throws: Diagnostic.self) { try LayoutDestination(FilePath(scratch("out"))) }
        #expect(error?.code == .outputExists)
    }

    @Test(
        "a layout that cannot be read is not written to",
        arguments: [
            (#"{"imageLayoutVersion":"2.0.0"}"#, #"{"schemaVersion":2,"manifests":[]}"#, "layout.malformed"),
            (#"{"imageLayoutVersion":"1.0.0"}"#, "", "json.malformed"),
            ("{}", #"{"schemaVersion":2,"manifests":[]}"#, "layout.malformed"),
            (#"{"imageLayoutVersion":"1.0.0"}"#, #"{"schemaVersion":2,"manifests":[],"layers":[]}"#, "json.unexpected"),
            (
                #"{"imageLayoutVersion":"1.0.0"}"#, #"{"schemaVersion":2,"manifests":[],"manifests":[]}"#,
                "json.malformed"
            ),
        ]
    )
    func unreadable(version: String, index: String, code: String) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("out/oci-layout", version)
        try scratch.file("out/index.json", index)
        let error = #expect(throws: Diagnostic.self) { try LayoutDestination(FilePath(scratch("out"))) }
        #expect(error?.code.rawValue == code)
        #expect(try readFile(scratch("out/index.json")) == Array(index.utf8))
    }

    @Test("a directory above that is not there is named")
    func noParent() async throws {
        let scratch = try TemporaryDirectory()
        let error = await #expect(throws: Diagnostic.self) {
            try await publish(SmallImage("a"), [], to: scratch("no/out"))
        }
        #expect(error?.code == .io)
        #expect(error?.subject.map { $0.description.hasPrefix(scratch("no")) } == true)
    }

    // MARK: Several at once, and one that died

    @Test("eight publishers at once keep every name", arguments: [false, true])
    func concurrent(exists: Bool) async throws {
        for _ in 0..<4 {
            let scratch = try TemporaryDirectory()
            if exists { try await publish(SmallImage("first"), ["first:1"], to: scratch("out")) }
            let path = scratch("out")
            let failures = await inTasks(8) { number in
                try await publish(SmallImage("image \(number)"), ["app:\(number)"], to: path)
            }
            #expect(failures.isEmpty, "\(failures)")
            var expected = exists ? ["docker.io/library/first:1": SmallImage("first").manifest.descriptor.digest] : [:]
            for number in 0..<8 {
                expected["docker.io/library/app:\(number)"] = SmallImage("image \(number)").manifest.descriptor.digest
            }
            #expect(try contents(of: path) == expected)
            #expect(try names(in: scratch.path) == ["out"])
            #expect(try names(in: path) == ["blobs", "index.json", "oci-layout"])
        }
    }

    @Test("what a killed process left is swept away, what a living one works on is not")
    func leftovers() async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("a"), [], to: scratch("out"))
        try scratch.file(".coracle-tmp.layout.1.dead/blobs/sha256/x", "x")
        try scratch.file(".coracle-tmp.replace.1.dead", "x")
        try scratch.file("out/.coracle-tmp.blob.1.dead", "x")
        try scratch.file(".coracle-tmp.layout.1.alive/blobs/sha256/x", "x")
        try scratch.file("out/.coracle-tmp.blob.1.alive", "x")
        try scratch.file("out/.other-tmp", "x")
        let directory = try OpenFile(FilePath(scratch(".coracle-tmp.layout.1.alive")), O_RDONLY)
        let file = try OpenFile(FilePath(scratch("out/.coracle-tmp.blob.1.alive")), O_RDONLY)
        try #require(flock(directory.descriptor, LOCK_EX | LOCK_NB) == 0)
        try #require(flock(file.descriptor, LOCK_EX | LOCK_NB) == 0)
        try await publish(SmallImage("b"), ["app:1"], to: scratch("out"))
        #expect(try names(in: scratch.path) == [".coracle-tmp.layout.1.alive", "out"])
        #expect(try names(in: scratch(".coracle-tmp.layout.1.alive/blobs/sha256")) == ["x"])
        #expect(
            try names(in: scratch("out")) == [
                ".coracle-tmp.blob.1.alive", ".other-tmp", "blobs", "index.json", "oci-layout",
            ]
        )
        // The locks are held until here.
        withExtendedLifetime(directory.descriptor) {}
        withExtendedLifetime(file.descriptor) {}
    }

    @Test("an unpublished layout leaves nothing behind")
    func notPublished() throws {
        let scratch = try TemporaryDirectory()
        do {
            let destination = try LayoutDestination(FilePath(scratch("out")))
            _ = try SmallImage("a").set([], in: destination.draftDirectory)
        }
        #expect(try names(in: scratch.path) == [])
    }
}
