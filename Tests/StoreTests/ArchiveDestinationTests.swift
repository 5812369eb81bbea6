import Diagnostics
import OCI
import Store
import ByteIO
import TestSupport
import Testing

@Suite("Publishing into an archive")
struct ArchiveDestinationTests {
    private func publish(_ image: SmallImage, _ names: [String], to path: String) async throws {
        let destination = try ArchiveDestination(FilePath(path))
        try await destination.publish(try image.set(names, in: destination.draftDirectory))
    }

    @Test("an archive is a layout and what `docker load` reads, documents first")
    func whole() async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        try await publish(image, ["me/app:1", "ghcr.io/me/app:2"], to: scratch("out.tar"))
        #expect(try names(in: scratch.path) == ["out.tar"])
        #expect(
            try contents(of: scratch("out.tar")) == [
                "docker.io/me/app:1": image.manifest.descriptor.digest,
                "ghcr.io/me/app:2": image.manifest.descriptor.digest,
            ]
        )
        let script = """
            import sys, tarfile
            t = tarfile.open(sys.argv[1], "r:")
            for m in t: print(m.name, "%o" % m.mode, m.uid, m.gid, m.mtime, m.size if m.isfile() else "-")
            print(t.extractfile("manifest.json").read().decode())
            """
        let blobs = [
            (image.layerDescriptor.digest.hex, image.layerDescriptor.size),
            (image.config.descriptor.digest.hex, image.config.descriptor.size),
            (image.manifest.descriptor.digest.hex, image.manifest.descriptor.size),
        ].sorted { $0.0 < $1.0 }
        let output = try Tool.python(script, [scratch("out.tar")]).split(separator: "\n").map(String.init)
        #expect(output.count == 9)
        #expect(
            output.prefix(5).map { $0.split(separator: " ").first.map(String.init) ?? "" } == [
                "oci-layout", "index.json", "manifest.json", "blobs", "blobs/sha256",
            ]
        )
        #expect(output[5..<8] == ArraySlice(blobs.map { "blobs/sha256/\($0.0) 644 0 0 0 \($0.1)" }))
        #expect(
            output[8]
                == #"[{"Config":"blobs/sha256/\#(image.config.descriptor.digest.hex)","RepoTags":["me/app:1","ghcr.io/me/app:2"],"Layers":["blobs/sha256/\#(image.layerDescriptor.digest.hex)"]}]"#
        )
        try Command.shell(#"tar -tf "$1" && bsdtar -tf "$1""#, [scratch("out.tar")]).output()
    }

    @Test("an image without a name has no name in the archive")
    func untagged() async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("a"), [], to: scratch("out.tar"))
        #expect(try contents(of: scratch("out.tar")) == ["": SmallImage("a").manifest.descriptor.digest])
        #expect(
            try Command("tar", ["-xOf", scratch("out.tar"), "manifest.json"]).output().contains(#""RepoTags":null"#)
        )
    }

    @Test("the file that was there is replaced in one step, not written into")
    func replaced() async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("old"), [], to: scratch("out.tar"))
        let old = try readFile(scratch("out.tar"))
        try Command("ln", [scratch("out.tar"), scratch("other-name")]).output()
        try await publish(SmallImage("a"), [], to: scratch("out.tar"))
        #expect(try readFile(scratch("other-name")) == old)
        #expect(try contents(of: scratch("out.tar")).count == 1)
        #expect(try names(in: scratch.path) == ["other-name", "out.tar"])
    }

    @Test("the same image is the same archive, byte for byte")
    func reproducible() async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("a"), ["app:1"], to: scratch("one.tar"))
        try await publish(SmallImage("a"), ["app:1"], to: scratch("two.tar"))
        #expect(try readFile(scratch("one.tar")) == readFile(scratch("two.tar")))
    }

    @Test("a directory in the place of an archive is refused")
    func directory() throws {
        let scratch = try TemporaryDirectory()
        try scratch.directory("out.tar")
        let error = #expect(throws: Diagnostic.self) { try ArchiveDestination(FilePath(scratch("out.tar"))) }
        #expect(error?.code == .outputExists)
    }
}
