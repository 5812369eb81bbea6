import Archive
import ByteIO
import Debian
import Diagnostics
import Layers
import OCI
import TestSupport
import Testing

@testable import Apk

/// A package that was read to its end.
private struct ReadApk {
    let control: ApkControl
    let checksum: ApkChecksum
    let entries: [LayerEntry]
    let stripped: [EntryPath]

    private static let folder = Result { try TemporaryDirectory() }

    init(_ bytes: [UInt8], limit: Int64 = ApkReader.defaultLimit) throws {
        let folder = try Self.folder.get()
        var reader = try ApkReader(MemorySource(bytes), limit: limit, named: "x.apk")
        control = reader.control
        checksum = reader.checksum
        let read = try reader.entries(spillingTo: SpillDirectory(in: FilePath(folder.path)))
        (entries, stripped) = (read.entries, read.stripped)
    }

    var lines: [String] {
        entries.map { entry in
            let content =
                switch entry.content {
                case .directory: "/"
                case .symlink(let target): " -> \(String(decoding: target, as: UTF8.self))"
                case .hardlink(let first): " = \(first)"
                case .bytes(let bytes): " \(bytes.count)"
                case .file: " spilled"
                }
            return "\(String(entry.mode, radix: 8)) \(entry.uid) \(entry.path)\(content)"
        }
    }
}

private func problem(_ body: () throws -> Void) -> Diagnostic? {
    do {
        try body()
        return nil
    } catch {
        return error as? Diagnostic
    }
}

@Suite("Apk packages")
struct ApkReaderTests {
    @Test("metadata, scripts and files of a package are read, and nothing of it is run")
    func read() throws {
        let made = MadeApk(
            files: [
                .text(".dummy", "metadata"), .directory("usr"), .directory("usr/bin", mode: 0o750),
                .text("usr/bin/su", "x", mode: 0o4755, uid: 7), .hardlink("usr/bin/also", "usr/bin/su"),
                .symlink("usr/bin/link", "su"), .text("usr/.hidden", "y"), .zeros("usr/large", 300_000),
            ],
            info: ["depend = so:libc.so.6", "depend = /bin/sh", "triggers = /usr/share/a /usr/share/b"],
            scripts: ["post-install", "trigger"]
        )
        let (bytes, index) = try made.bytes()
        let read = try ReadApk(bytes)
        #expect(read.control.name == "hello")
        #expect(read.control.version == "1.0-r0")
        #expect(read.control.architecture == "x86_64")
        #expect(read.control.scripts == ["post-install", "trigger"])
        #expect(read.control.triggers == ["/usr/share/a", "/usr/share/b"])
        #expect(read.control.values(of: "depend") == ["so:libc.so.6", "/bin/sh"])
        #expect(
            read.lines == [
                "755 0 /usr/", "750 0 /usr/bin/", "755 7 /usr/bin/also 1", "755 7 /usr/bin/su = /usr/bin/also",
                "777 0 /usr/bin/link -> su", "644 0 /usr/.hidden 1", "644 0 /usr/large spilled",
            ]
        )
        #expect(read.stripped.map(\.description) == ["/usr/bin/su"])
        // The checksum is the one that the index has, which Python has counted.
        let listed = try ApkIndexFile(reading: index[...], of: "main", for: "x86_64", named: "i").packages
        #expect(listed.map(\.checksum) == [read.checksum])
        #expect(listed.map(\.path) == ["main/x86_64/hello-1.0-r0.apk"])
        #expect(listed.map(\.size) == [Int64(bytes.count)])
    }

    @Test(
        "a package that would write elsewhere, or something else than files, is refused",
        arguments: [
            ([.text("/etc/passwd", "x")], "apk.path-refused"), ([.text("../x", "x")], "tar.path-escapes"),
            ([.text("a/../../x", "x")], "tar.path-escapes"), ([.text("a", "x"), .text("a", "y")], "apk.path-refused"),
            ([.symlink("a", "/etc"), .text("a/passwd", "x")], "apk.path-refused"),
            ([.text("usr/.wh.bin", "x")], "apk.path-refused"), ([.special("usr/x", "device")], "apk.kind-refused"),
            ([.special("usr/x", "fifo")], "apk.kind-refused"), ([.hardlink("a", "etc/shadow")], "apk.kind-refused"),
            ([.directory("d"), .hardlink("a", "d")], "apk.kind-refused"),
        ] as [([MadeApk.File], String)]
    )
    func refused(files: [MadeApk.File], code: String) throws {
        let bytes = try MadeApk(files: files).bytes().package
        #expect(problem { _ = try ReadApk(bytes) }?.code.description == code)
    }

    @Test(
        "a package whose parts do not belong together is refused",
        arguments: [
            ("other data", "apk.data-digest"), ("more data", "apk.data-digest"), ("no datahash", "apk.malformed"),
            ("no info", "apk.malformed"), ("large control", "gzip.too-large"),
        ]
    )
    func damaged(damage: String, code: String) throws {
        let bytes = try MadeApk(damage: damage).bytes().package
        #expect(problem { _ = try ReadApk(bytes) }?.code.description == code)
    }

    @Test("a bomb is refused when it exceeds the limit")
    func bomb() throws {
        let bytes = try MadeApk(files: [.zeros("a", 40 << 20)]).bytes().package
        #expect(bytes.count < 1 << 20)
        #expect(problem { _ = try ReadApk(bytes, limit: 1 << 20) }?.code == .gzipTooLarge)
    }

    @Test("the format of version 3 is named, and what is neither is refused")
    func format() {
        for start in ["ADB.", "ADBd", "ADBc"] {
            let problem = problem { _ = try ReadApk(Array("\(start)\0\0\0\0".utf8)) }
            #expect(problem?.code == .apkUnsupported)
            #expect(problem?.reason?.contains("ADB") == true)
        }
        for bytes in [[], Array("!<arch>\n".utf8), [0x1F], [0x1F, 0x8B]] as [[UInt8]] {
            let code = problem { _ = try ReadApk(bytes) }?.code.description ?? "read"
            #expect(["apk.malformed", "gzip.malformed"].contains(code), "\(bytes): \(code)")
        }
    }

    @Test("a package that is cut anywhere, or has a byte changed anywhere, is refused or is the same")
    func mutations() throws {
        let bytes = try MadeApk(files: [.text("usr/a", "some text"), .symlink("usr/b", "a")], scripts: ["trigger"])
            .bytes().package
        let right = try ReadApk(bytes)
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(problem { _ = try ReadApk(Array(bytes.prefix(count))) } != nil, "cut at \(count)")
        }
        var random = Pseudorandom(seed: 5)
        for index in stride(from: 0, to: bytes.count, by: 3) {
            var changed = bytes
            changed[index] ^= UInt8.random(in: 1...255, using: &random)
            guard let read = try? ReadApk(changed) else { continue }
            // Bytes of gzip's headers that mean nothing, in the control member, whose SHA-1 is then another one.
            #expect(read.lines == right.lines, "byte \(index)")
            #expect(read.control == right.control, "byte \(index)")
            #expect(read.checksum != right.checksum, "byte \(index)")
        }
    }
}
