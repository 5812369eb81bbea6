import Diagnostics
import OCI
import Store
import ByteIO
import TestSupport
import Testing

@Suite("Reading images")
struct ImageSourceTests {
    /// The same image as a directory and as an archive made from it by GNU tar.
    private enum Form: CaseIterable { case directory, archive }

    private func source(_ scratch: TemporaryDirectory, _ form: Form) throws -> ImageSource {
        guard form == .archive else { return try ImageSource(FilePath(scratch("out"))) }
        try Command("tar", ["-C", scratch("out"), "-cf", scratch("out.tar"), "."]).output()
        return try ImageSource(FilePath(scratch("out.tar")))
    }

    @Test("blobs are read to the last byte, whatever the step", arguments: Form.allCases, [1, 3, 4096])
    private func whole(form: Form, step: Int) async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        try await publish(image, ["app:1"], to: scratch("out"))
        let source = try source(scratch, form)
        #expect(try readAll(image.layerDescriptor, from: source, by: step) == image.layer)
        #expect(try source.document(image.manifest.descriptor) == image.manifest.bytes)
        #expect(try source.index().manifests.map(\.digest) == [image.manifest.descriptor.digest])
    }

    @Test(
        "a blob that is not what its descriptor says is refused",
        arguments: Form.allCases,
        [
            (#"printf x >> "$1""#, "blob.size"), (#": > "$1""#, "blob.size"), (#"rm "$1""#, "blob.missing"),
            (#"tr a-y b-z < "$1" > "$1.t"; mv "$1.t" "$1""#, "blob.digest"), (#"rm "$1"; mkdir "$1""#, "blob.missing"),
            (#"mv "$1" "$1.t"; ln -s "$1.t" "$1""#, "blob.missing"), (#"rm "$1"; mkfifo "$1""#, "blob.missing"),
        ]
    )
    private func damaged(form: Form, damage: (script: String, code: String)) async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        try await publish(image, ["app:1"], to: scratch("out"))
        try Command.shell(damage.script, [scratch("out/blobs/sha256/\(image.layerDescriptor.digest.hex)")]).output()
        let source = try source(scratch, form)
        let error = #expect(throws: Diagnostic.self) { try readAll(image.layerDescriptor, from: source) }
        #expect(error?.code.rawValue == damage.code)
        #expect(error?.code.category == .verification)
    }

    @Test("a descriptor with a wrong size, or of an algorithm that is not checked, is refused before reading")
    func descriptors() async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        try await publish(image, [], to: scratch("out"))
        let source = try ImageSource(FilePath(scratch("out")))
        var blob = image.layerDescriptor
        blob.size += 1
        #expect(#expect(throws: Diagnostic.self) { try readAll(blob, from: source) }?.code == .blobSize)
        blob.size = (4 << 20) + 1
        #expect(#expect(throws: Diagnostic.self) { try source.document(blob) }?.code == .blobTooLarge)
        blob.digest = try Digest(parsing: "sha512:" + String(repeating: "a", count: 128))
        try scratch.file("out/blobs/sha512/\(blob.digest.hex)", "x")
        #expect(#expect(throws: Diagnostic.self) { try readAll(blob, from: source) }?.code == .blobUnsupported)
    }

    @Test("an empty blob is verified, too")
    func emptyBlob() async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("a"), [], to: scratch("out"))
        let source = try ImageSource(FilePath(scratch("out")))
        let empty = Descriptor(mediaType: .layerTar, digest: Digest(sha256Of: []), size: 0)
        try scratch.file("out/blobs/sha256/\(empty.digest.hex)", "")
        #expect(try readAll(empty, from: source) == [])
        let wrong = Descriptor(mediaType: .layerTar, digest: Digest(sha256Of: [1]), size: 0)
        try scratch.file("out/blobs/sha256/\(wrong.digest.hex)", "")
        #expect(#expect(throws: Diagnostic.self) { try readAll(wrong, from: source) }?.code == .blobDigest)
    }

    @Test(
        "a file that is not an image is refused with what it is",
        arguments: [
            (":", "layout.not-found"), (#"mkdir "$1""#, "layout.malformed"), (#"mkfifo "$1""#, "layout.malformed"),
            (#"cp -r "$2" "$1"; rm "$1/oci-layout""#, "layout.malformed"),
            (#"cp -r "$2" "$1"; echo '{}' > "$1/oci-layout""#, "layout.malformed"),
            (#"cp -r "$2" "$1"; echo '{"imageLayoutVersion":"2.0.0"}' > "$1/oci-layout""#, "layout.malformed"),
            (#"cp -r "$2" "$1"; echo '{"imageLayoutVersion":1}' > "$1/oci-layout""#, "layout.malformed"),
            (#"cp -r "$2" "$1"; head -c 5000 /dev/zero > "$1/oci-layout""#, "layout.malformed"),
            (#"cp -r "$2" "$1"; rm "$1/index.json""#, "layout.malformed"),
            (#"cp -r "$2" "$1"; : > "$1/index.json""#, "json.malformed"),
            (#"cp -r "$2" "$1"; truncate -s 65M "$1/index.json""#, "layout.malformed"),
            (#"cp -r "$2" "$1"; mv "$1/index.json" "$1/i"; ln -s i "$1/index.json""#, "layout.malformed"),
            (#"cp -r "$2" "$1"; rm "$1/index.json"; mkfifo "$1/index.json""#, "layout.malformed"),
            (#"echo hello world > "$1""#, "layout.malformed"), (#": > "$1""#, "layout.malformed"),
            (#"head -c 2000 /dev/urandom > "$1""#, "layout.malformed"),
            (#"tar -C "$2" -cf "$1" blobs"#, "layout.malformed"),
        ]
    )
    func noImage(script: String, code: String) async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("a"), [], to: scratch("good"))
        try Command.shell(script, [scratch("x"), scratch("good")]).output()
        let error = #expect(throws: Diagnostic.self) { try ImageSource(FilePath(scratch("x"))).index() }
        #expect(error?.code.rawValue.hasPrefix(code) == true, "\(error?.code.rawValue ?? "")")
        #expect([.verification, .notFound].contains(error?.code.category))
    }

    @Test("a later layout version of the same kind is read")
    func laterVersion() async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("a"), [], to: scratch("out"))
        try writeFile(scratch("out/oci-layout"), #"{"imageLayoutVersion":"1.1.0","x":1}"#)
        #expect(try contents(of: scratch("out")).count == 1)
    }
}
