import Archive
import ByteIO
import Debian
import Diagnostics
import Layers
import TestSupport
import Testing

@Suite("Debian packages")
struct DebReaderTests {
    @Test("a package of dpkg-deb is read, however it is compressed", arguments: ["xz", "zstd", "gzip", "none"])
    func compression(name: String) throws {
        var made = MadePackage(compression: name, fields: "Conffiles-Note: x")
        made.script += """
            ; ln -s hello usr/bin/hi; mkdir -p etc; echo a=1 > etc/hello.conf; echo /etc/hello.conf > DEBIAN/conffiles
            (md5sum usr/bin/hello) > DEBIAN/md5sums; printf '#!/bin/sh\\n' > DEBIAN/postinst; chmod 755 DEBIAN/postinst
            """
        let package = try ReadPackage.read(made.bytes()).get()
        #expect(package.control.name == "hello")
        #expect(package.control.version == "1.0-1")
        #expect(package.control.architecture == "amd64")
        #expect(package.control.paragraph["Description"] == "a test\n with a long text")
        #expect(String(decoding: package.control.control, as: UTF8.self).hasPrefix("Package: hello\n"))
        #expect(package.control.md5sums?.count == 32 + 2 + 13 + 1)
        #expect(package.control.conffiles == ["/etc/hello.conf"])
        #expect(package.control.scripts == ["postinst"])
        #expect(
            package.entries.map(\.path.description)
                == ["/etc", "/etc/hello.conf", "/usr", "/usr/bin", "/usr/bin/hello", "/usr/bin/hi"]
        )
        #expect(package.entries.map(\.mode) == [0o755, 0o644, 0o755, 0o755, 0o755, 0o777])
        #expect(package.contents["/usr/bin/hello"] == Array("hello\n".utf8))
        #expect(package.entries.last?.content == .symlink(target: Array("hello".utf8)))
        _ = try LayerBlueprint(.application, createdBy: "test", entries: package.entries)
    }

    @Test(
        "triggers are reported, unless they only ask for ldconfig",
        arguments: [
            ("activate-noawait ldconfig", []), ("# a word\nactivate ldconfig\n", []),
            ("activate-noawait ldconfig\ninterest /usr/x", ["triggers"]), ("activate ldconfig more", ["triggers"]),
        ] as [(String, [String])]
    )
    func triggers(text: String, scripts: [String]) throws {
        let made = MadePackage(script: "printf '%s\\n' '\(text)' > DEBIAN/triggers")
        #expect(try ReadPackage.read(made.bytes()).get().control.scripts == scripts)
    }

    @Test("large files are kept on disk, with all their bytes")
    func large() throws {
        let made = MadePackage(script: "seq 1 200000 > big; seq 1 10 > small", compression: "gzip")
        let package = try ReadPackage.read(made.bytes()).get()
        let expected = Array((1...200_000).map { "\($0)\n" }.joined().utf8)
        #expect(package.contents["/big"] == expected)
        guard case .file(_, let stamp) = package.entries.first(where: { $0.path.description == "/big" })?.content else {
            Issue.record("the large file is in memory")
            return
        }
        #expect(stamp.size == Int64(expected.count))
    }

    @Test("of a file with several names the first in order has the content, whichever was stored")
    func hardlinks() throws {
        let data = try tar(
            #"add("./b", content=b"xyz"); add("./a", tarfile.LNKTYPE, linkname="./b"); add("./c", tarfile.LNKTYPE, linkname="./a")"#
        )
        let package = try ReadPackage.read(Self.deb(data: data)).get()
        let contents = Dictionary(uniqueKeysWithValues: package.entries.map { ($0.path.description, $0.content) })
        let first = LayerEntry.Content.hardlink(to: EntryPath(unchecked: Array("a".utf8)))
        #expect(contents == ["/a": .bytes(Array("xyz".utf8)), "/b": first, "/c": first])
    }

    @Test("setuid and setgid are taken from files and reported, and left on directories")
    func setuid() throws {
        let data = try tar(
            #"add("./su", mode=0o4755); add("./wall", mode=0o2755); add("./d", tarfile.DIRTYPE, mode=0o2775, gid=50)"#
        )
        let package = try ReadPackage.read(Self.deb(data: data)).get()
        #expect(package.entries.map(\.mode) == [0o755, 0o755, 0o2775])
        #expect(package.entries.map(\.gid) == [0, 0, 50])
        #expect(package.stripped.map(\.description) == ["/su", "/wall"])
    }

    // MARK: - Hostile ones

    static let control = "Package: evil\nVersion: 1\nArchitecture: all\n"

    static func controlTar(_ text: String = control) throws -> [UInt8] {
        try tar("add('./control', content=b'''\(text)''')")
    }

    static func deb(data: [UInt8]) throws -> [UInt8] {
        try arArchive([
            ("debian-binary", Array("2.0\n".utf8)), ("control.tar", controlTar()), ("data.tar", data),
        ])
    }

    static let refusedEntries: [(script: String, code: Diagnostic.Code)] = [
        (#"add("../x")"#, .tarPathEscapes),
        (#"add("./a/../../x")"#, .tarPathEscapes),
        (#"add("/etc/passwd")"#, .debPathRefused),
        (#"add("./dev/null", tarfile.CHRTYPE)"#, .debKindRefused),
        (#"add("./dev/sda", tarfile.BLKTYPE)"#, .debKindRefused),
        (#"add("./pipe", tarfile.FIFOTYPE)"#, .debKindRefused),
        (#"add("./a/.wh.b")"#, .debPathRefused),
        (#"add("./a", content=b"1"); add("./a", content=b"2")"#, .debPathRefused),
        (#"add("./lib", tarfile.SYMTYPE, linkname="/etc"); add("./lib/passwd")"#, .debPathRefused),
        (#"add("./lib/passwd"); add("./lib", tarfile.SYMTYPE, linkname="/etc")"#, .debPathRefused),
        (#"add("./file"); add("./file/below")"#, .debPathRefused),
        (#"add("./a", tarfile.LNKTYPE, linkname="etc/shadow")"#, .debKindRefused),
        (#"add("./d", tarfile.DIRTYPE); add("./a", tarfile.LNKTYPE, linkname="./d")"#, .debKindRefused),
        (#"add("./a", tarfile.LNKTYPE, linkname="../../etc/shadow")"#, .tarPathEscapes),
    ]

    @Test("entries that have no place in an image are refused", arguments: refusedEntries)
    func refused(entry: (script: String, code: Diagnostic.Code)) throws {
        let error = try ReadPackage.read(Self.deb(data: tar(entry.script))).failure
        #expect(error?.code == entry.code)
        if entry.code == .debPathRefused || entry.code == .debKindRefused {
            #expect(error?.summary.hasPrefix("the package `evil` has ") == true)
        }
    }

    static let two = Array("2.0\n".utf8)

    @Test("members come in their order, and those with an underscore are passed over")
    func order() throws {
        let (control, data) = try (Self.controlTar(), tar(#"add("./a")"#))
        func read(_ members: [(String, [UInt8])]) -> Diagnostic.Code? {
            ReadPackage.read(arArchive(members)).failure?.code
        }
        #expect(
            read([
                ("debian-binary", Self.two), ("_gpgorigin", [1, 2, 3]), ("control.tar", control), ("_x", []),
                ("data.tar", data),
                ("later", [1]),
            ]) == nil
        )
        #expect(read([]) == .debMalformed)
        #expect(read([("control.tar", control), ("debian-binary", Self.two), ("data.tar", data)]) == .debMalformed)
        #expect(read([("debian-binary", Self.two), ("data.tar", data), ("control.tar", control)]) == .debMalformed)
        #expect(read([("debian-binary", Self.two), ("control.tar", control)]) == .debMalformed)
        #expect(
            read([("debian-binary", Self.two), ("x", []), ("control.tar", control), ("data.tar", data)])
                == .debMalformed
        )
    }

    @Test(
        "only format 2 is read",
        arguments: [
            ("2.0\n", nil), ("2.1\nmore\n", nil), ("3.0\n", .debUnsupported), ("2.0", .debMalformed),
            ("x\n", .debMalformed),
        ]
            as [(String, Diagnostic.Code?)]
    )
    func format(text: String, code: Diagnostic.Code?) throws {
        let members = try [
            ("debian-binary", Array(text.utf8)), ("control.tar", Self.controlTar()), ("data.tar", tar("")),
        ]
        #expect(ReadPackage.read(arArchive(members)).failure?.code == code)
    }

    @Test(
        "kinds of compression that are not read are named",
        arguments: ["data.tar.bz2", "data.tar.lzma", "data.tar.lz4"]
    )
    func unsupported(name: String) throws {
        let members = try [("debian-binary", Self.two), ("control.tar", Self.controlTar()), (name, [])]
        let error = ReadPackage.read(arArchive(members)).failure
        #expect(error?.code == .debUnsupported)
        #expect(error?.reason == "`\(name)` is compressed in a way that is not read")
    }

    static let badControls: [(String, Diagnostic.Code)] = [
        ("", .controlMalformed), ("Package: a b\nVersion: 1\nArchitecture: all\n", .debMalformed),
        ("Version: 1\nArchitecture: all\n", .debMalformed),
        ("Package: ab\nVersion: 1_0\nArchitecture: all\n", .debianVersionMalformed),
        ("Package: ab\nPackage: cd\nVersion: 1\nArchitecture: all\n", .controlMalformed),
        ("Package: ../x\nVersion: 1\nArchitecture: all\n", .debMalformed),
    ]

    @Test("a control file that says too little, or too much, is refused", arguments: badControls)
    func badControl(text: String, code: Diagnostic.Code) throws {
        let members = try [("debian-binary", Self.two), ("control.tar", Self.controlTar(text)), ("data.tar", tar(""))]
        #expect(ReadPackage.read(arArchive(members)).failure?.code == code)
    }

    @Test("a package without a control file, or with one of 2 MB, is refused")
    func controlSizes() throws {
        for script in [
            #"add("./md5sums")"#, #"add("./control", content=b"x" * 2_000_000)"#,
            #"add("./control", tarfile.SYMTYPE, linkname="/x")"#,
        ] {
            let members = try [("debian-binary", Self.two), ("control.tar", tar(script)), ("data.tar", tar(""))]
            #expect(ReadPackage.read(arArchive(members)).failure?.code == .debMalformed, "\(script)")
        }
    }

    @Test("what unpacks to more than is allowed is refused", arguments: ["xz", "zstd", "gzip", "none"])
    func bomb(compression: String) throws {
        let made = MadePackage(script: "head -c 3000000 /dev/zero > zeros", compression: compression)
        let code = try ReadPackage.read(made.bytes(), limit: 1 << 20).failure?.code
        #expect([.xzTooLarge, .zstdTooLarge, .gzipTooLarge, .debTooLarge].contains(code))
    }

    @Test("a package cut off anywhere is refused, and never read as a smaller one")
    func truncated() throws {
        let whole = try MadePackage().bytes()
        for length in stride(from: 0, to: whole.count - 1, by: 7) {
            #expect(ReadPackage.read(Array(whole.prefix(length))).failure != nil, "\(length) bytes of \(whole.count)")
        }
    }
}
