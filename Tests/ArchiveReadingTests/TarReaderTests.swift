import Archive
import ByteIO
import Diagnostics
import Testing

@Suite("Reading tar")
struct TarReaderTests {
    static let hello = Array("hello".utf8)

    // MARK: Records

    @Test(
        "an entry is read with all its fields, however the bytes come",
        arguments: [1, 511, 512, 513, .max],
        [1, 10000]
    )
    func fields(piece: Int, size: Int) throws {
        let archive = RawTar.entry("./dir//file", Self.hello) + RawTar.entry("b", []) + RawTar.end
        let found = try entries(archive, piece: piece, by: size).get()
        #expect(found.map(\.content) == [Self.hello, []])
        let record = try #require(found.first?.record)
        #expect(record.rawPath == Array("./dir//file".utf8))
        #expect(record.path == Array("dir/file".utf8))
        #expect(record.kind == .regular)
        #expect(record.mode == 0o644)
        #expect([record.uid, record.gid] == [1, 2])
        #expect(record.size == 5)
        #expect(record.modified == 7)
        #expect(record.userName == Array("user".utf8))
        #expect(record.groupName == Array("group".utf8))
        #expect(found.map(\.record.offset) == [0, 1024])
    }

    @Test(
        "each type flag is its kind",
        arguments: [
            ("0", "f", .regular), ("\u{0}", "f", .regular), ("7", "f", .regular), ("\u{0}", "d/", .directory),
            ("0", "d/", .directory), ("5", "d", .directory), ("6", "p", .fifo),
            ("1", "h", .hardlink(target: Array("a/b".utf8))), ("2", "s", .symlink(target: Array("./a//b".utf8))),
            ("3", "c", .characterDevice(major: 8, minor: 255)), ("4", "b", .blockDevice(major: 8, minor: 255)),
        ] as [(Unicode.Scalar, String, TarRecord.Kind)]
    )
    func kinds(flag: Unicode.Scalar, name: String, kind: TarRecord.Kind) throws {
        let header = RawTar.header(name, flag: flag, target: "./a//b") { block in
            RawTar.put("0000010", at: 329, in: &block)
            RawTar.put("0000377", at: 337, in: &block)
        }
        #expect(try entries(header + RawTar.end).get().map(\.record.kind) == [kind])
    }

    @Test(
        "a name is made relative",
        arguments: [("/etc/passwd", "etc/passwd"), ("././a/.", "a"), ("a//b///", "a/b"), ("..a/b..", "..a/b..")]
    )
    func names(raw: String, path: String) throws {
        let found = try entries(RawTar.entry(raw, flag: "5")).get()
        #expect(found.map(\.record.path) == [Array(path.utf8)])
        #expect(found.map(\.record.rawPath) == [Array(raw.utf8)])
    }

    @Test("the root may be a directory", arguments: ["./", ".", "/", "//."])
    func root(name: String) throws {
        #expect(try entries(RawTar.entry(name, flag: "5")).get().map(\.record.path) == [[]])
    }

    @Test("the root may be nothing but a directory", arguments: ["0", "2", "6"] as [Unicode.Scalar])
    func rootReplaced(flag: Unicode.Scalar) {
        #expect(entries(RawTar.header(".", flag: flag, target: "/etc")).failure?.code == .tarMalformed)
    }

    @Test(
        "a name or a hard link's target with `..` in it is refused",
        arguments: ["..", "../a", "a/..", "a/../../b", "/..", "./../a"]
    )
    func escapes(name: String) {
        for archive in [
            RawTar.entry(name), RawTar.header("h", flag: "1", target: name),
            RawTar.pax([("path", name)]) + RawTar.entry("x"),
        ] {
            #expect(entries(RawTar.entry("first") + archive).failure?.code == .tarPathEscapes)
        }
        #expect(throws: Never.self) { try entries(RawTar.header("s", flag: "2", target: name)).get() }
    }

    @Test("a ustar prefix goes before the name, and star's is shorter")
    func prefix() throws {
        let prefix = String(repeating: "p", count: 155)
        let ustar = RawTar.header("name") { RawTar.put(prefix, at: 345, in: &$0) }
        #expect(try entries(ustar).get().map(\.record.path) == [Array("\(prefix)/name".utf8)])
        let star = RawTar.header("name") { block in
            RawTar.put(prefix.prefix(131) + "00000000001 00000000001 ", at: 345, in: &block)
            RawTar.put("tar\u{0}", at: 508, in: &block)
        }
        #expect(try entries(star).get().map(\.record.path) == [Array("\(prefix.prefix(131))/name".utf8)])
    }

    @Test("GNU's times are not a prefix, and text in their place is one")
    func gnuPrefix() throws {
        func gnu(_ text: String) -> [UInt8] {
            RawTar.header("name") { block in
                RawTar.put("ustar  \u{0}", at: 257, in: &block)
                RawTar.put(text, at: 345, in: &block)
            }
        }
        #expect(try entries(gnu("14524770276\u{0}14524770276\u{0}")).get().map(\.record.path) == [Array("name".utf8)])
        #expect(try entries(gnu("some/dir")).get().map(\.record.path) == [Array("some/dir/name".utf8)])
    }

    // MARK: Numbers

    @Test(
        "sizes of 8 GiB and more are read from base-256 and from pax",
        arguments: [8_589_934_591, 8_589_934_592, 8_589_934_593, Int(Int64.max)]
    )
    func largeSizes(size: Int) throws {
        let binary = RawTar.header("f") { block in
            block[124] = 0x80
            for index in 0..<8 { block[128 + index] = UInt8(truncatingIfNeeded: size >> (8 * (7 - index))) }
            for index in 125..<128 { block[index] = 0 }
        }
        let pax = RawTar.pax([("size", "\(size)")]) + RawTar.header("f")
        for archive in [binary, pax] {
            var reader = TarReader(MemorySource(archive + Self.hello))
            let record = try reader.next()
            #expect(record?.size == Int64(size))
            var failure: Diagnostic?
            do throws(Diagnostic) { _ = try reader.next() } catch { failure = error }
            #expect(failure?.code == .tarMalformed)
        }
    }

    @Test(
        "times may be negative, and fractions are rounded down",
        arguments: [
            ("-1", -1), ("-1.5", -2), ("-0.25", -1), ("-3.000", -3), ("1.999", 1), ("9223372036854775807", Int64.max),
        ]
    )
    func times(written: String, seconds: Int64) throws {
        #expect(
            try entries(RawTar.pax([("mtime", written)]) + RawTar.entry("f")).get().map(\.record.modified) == [seconds]
        )
    }

    @Test("a base-256 time may be negative")
    func binaryTime() throws {
        let header = RawTar.header("f") { block in
            for index in 136..<148 { block[index] = 0xFF }
            block[147] = 0xFE
        }
        #expect(try entries(header).get().map(\.record.modified) == [-2])
    }

    @Test("blank numbers are zero, and spaces around numbers are ignored")
    func blankNumbers() throws {
        let header = RawTar.header("f") { block in
            RawTar.put(String(repeating: " ", count: 8), at: 100, in: &block)
            RawTar.put([UInt8](repeating: 0, count: 8), at: 108, in: &block)
            RawTar.put("   1750 ", at: 116, in: &block)
        }
        let record = try #require(try entries(header).get().first?.record)
        #expect(record.mode == 0)
        #expect(record.uid == 0)
        #expect(record.gid == 0o1750)
    }

    @Test("a checksum of signed bytes is right too")
    func signedChecksum() throws {
        var header = RawTar.header("f\u{FC}") { _ in }
        let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(Int8(bitPattern: header[$1]))) }
        RawTar.put(RawTar.octal(sum, digits: 6) + "\u{0} ", at: 148, in: &header)
        #expect(try entries(header).get().map(\.record.path) == [Array("f\u{FC}".utf8)])
    }

    @Test(
        "a number that is negative, too large or no number is refused",
        arguments: [
            (124, [0xFF] + [UInt8](repeating: 0xFF, count: 11)), (124, [0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]),
            (124, [0x80, 1] + [UInt8](repeating: 0, count: 10)), (124, [0xC0] + [UInt8](repeating: 0, count: 11)),
            (124, Array("-0000000001\0".utf8)), (124, Array("0000000008\0\0".utf8)), (124, Array("1 1\0".utf8)),
            (124, Array("\0001\0".utf8)), (124, Array("0x10\0".utf8)),
            (108, [0x80, 0, 0, 1, 0, 0, 0, 0]), (116, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE]),
            (100, Array("rw-r--r-".utf8)), (136, Array("yesterday\0\0\0".utf8)),
            (136, [0x80] + [UInt8](repeating: 0xFF, count: 11)),
        ] as [(Int, [UInt8])]
    )
    func badNumbers(offset: Int, field: [UInt8]) {
        let header = RawTar.header("f") { RawTar.put(field, at: offset, in: &$0) }
        let failure = entries(RawTar.entry("first") + header).failure
        #expect(failure?.code == .tarMalformed)
        #expect(failure?.code.category == .verification)
        #expect(failure?.reason?.hasSuffix("at byte 512") == true)
    }

    // MARK: Extended headers

    @Test("names of GNU and pax replace the header's", arguments: [101, 255, 256, 4000])
    func longNames(length: Int) throws {
        let name = (0..<length).map { UInt8(ascii: $0 % 201 == 200 ? "/" : "n") }
        let target = [UInt8](repeating: 0xFF, count: length)
        let link = RawTar.header("short", flag: "2", target: "short")
        let gnu =
            RawTar.entry("././@LongLink", flag: "K", target + [0])
            + RawTar.entry("././@LongLink", flag: "L", name + [0])
        let pax = RawTar.entry("x", flag: "x", RawTar.paxRecord("path", name) + RawTar.paxRecord("linkpath", target))
        for archive in [gnu + link, pax + link] {
            let record = try #require(try entries(archive + RawTar.entry("next")).get().first?.record)
            #expect(record.rawPath == name)
            #expect(record.kind == .symlink(target: target))
        }
    }

    @Test(
        "names, paths, targets and attributes that no Linux can have are refused",
        arguments: [
            ("path", String(repeating: "n", count: 256), "a name has 256 bytes; Linux allows 255"),
            ("path", String(repeating: "a/", count: 2048) + "b", "a path has 4097 bytes; Linux allows 4096"),
            ("path", String(repeating: "a/", count: 100_000) + "b", "Linux allows 4096"),
            ("linkpath", String(repeating: "t", count: 4097), "a symlink's target has 4097 bytes; Linux allows 4096"),
            ("SCHILY.xattr.user.a", String(repeating: "v", count: 65_537), "an extended attribute has 65537 bytes"),
        ]
    )
    func tooLong(key: String, value: String, reason: String) {
        let failure = entries(RawTar.pax([(key, value)]) + RawTar.header("short", flag: "2", target: "t")).failure
        #expect(failure?.code == .tarUnsupported)
        #expect(failure?.reason?.contains(reason) == true, "\(failure?.reason ?? "")")
    }

    @Test("extended headers are of one entry only")
    func oneEntry() throws {
        let archive =
            RawTar.pax([("path", "a"), ("uid", "70000"), ("size", "5")]) + RawTar.header("x")
            + RawTar.padded(Self.hello)
            + RawTar.entry("b", Self.hello) + RawTar.entry("L", flag: "L", Array("c".utf8)) + RawTar.entry("y")
            + RawTar.entry("d")
        let found = try entries(archive).get()
        #expect(found.map { String(decoding: $0.record.path, as: UTF8.self) } == ["a", "b", "c", "d"])
        #expect(found.map(\.record.uid) == [70000, 1, 1, 1])
        #expect(found.map(\.content) == [Self.hello, Self.hello, [], []])
    }

    @Test("global records hold until others replace them, and an empty one takes them away")
    func globalRecords() throws {
        let archive =
            RawTar.pax([("uid", "5"), ("uname", "five"), ("comment", "c")], flag: "g") + RawTar.entry("a")
            + RawTar.pax([("uid", "6")]) + RawTar.entry("b") + RawTar.pax([("uname", "")]) + RawTar.entry("c")
            + RawTar.pax([("uid", "7")], flag: "g") + RawTar.entry("d")
        let records = try entries(archive).get().map(\.record)
        #expect(records.map(\.uid) == [5, 6, 5, 7])
        #expect(records.map { String(decoding: $0.userName, as: UTF8.self) } == ["five", "five", "user", "five"])
        #expect(records.map { $0.pax["comment"] } == [[UInt8]](repeating: [0x63], count: 4))
    }

    @Test("the pax size is the file's, not that of a long name between (CVE-2025-62518)")
    func paxSizeBeforeLongName() throws {
        let hidden = RawTar.entry("hidden")
        let archive =
            RawTar.pax([("size", "\(hidden.count)")]) + RawTar.entry("L", flag: "L", Array("name".utf8))
            + RawTar.header("short", size: 0) + hidden + RawTar.entry("after")
        let found = try entries(archive).get()
        #expect(found.map { String(decoding: $0.record.path, as: UTF8.self) } == ["name", "after"])
        #expect(found.first?.content == hidden)
    }

    @Test(
        "archives that programs read in different ways are refused",
        arguments: [
            RawTar.pax([("path", "a")]) + RawTar.entry("L", flag: "L", [0x62]) + RawTar.entry("c"),
            RawTar.pax([("linkpath", "a")]) + RawTar.entry("K", flag: "K", [0x62])
                + RawTar.header("c", flag: "2", target: "d"),
            RawTar.pax([("uid", "1")]) + RawTar.pax([("gid", "1")]) + RawTar.entry("c"),
            RawTar.entry("L", flag: "L", [0x62]) + RawTar.entry("L", flag: "L", [0x63]) + RawTar.entry("c"),
            RawTar.entry("K", flag: "K", [0x62]) + RawTar.entry("K", flag: "K", [0x63]) + RawTar.entry("c"),
            RawTar.header("L", flag: "L", size: 1) + RawTar.padded([0x62, 0x63]) + RawTar.entry("c"),
            RawTar.header("x", flag: "x", size: 6) + RawTar.padded(Array("6 a=b\n10 path=d\n".utf8))
                + RawTar.entry("c"),
            RawTar.header("a") { block in
                for index in 257..<265 { block[index] = 0 }
                RawTar.put("prefix", at: 345, in: &block)
            },
            RawTar.header("a") { RawTar.put("?", at: 329, in: &$0) },
            RawTar.header("d", flag: "5", size: 512) + RawTar.entry("hidden"),
            RawTar.header("s", flag: "2", size: 512, target: "t") + RawTar.entry("hidden"),
            RawTar.header("h", flag: "1", size: 512, target: "t") + RawTar.entry("hidden"),
            RawTar.pax([("size", "512")]) + RawTar.header("d/", flag: "0") + RawTar.entry("hidden"),
            RawTar.entry("a") + [UInt8](repeating: 0, count: 512) + RawTar.entry("hidden"),
        ]
    )
    func ambiguous(archive: [UInt8]) {
        #expect(entries(archive + RawTar.end).failure?.code == .tarMalformed)
    }

    @Test("a global header may not set a name or a size", arguments: ["path", "linkpath", "size"])
    func globalName(key: String) {
        #expect(entries(RawTar.pax([(key, "1")], flag: "g") + RawTar.entry("f")).failure?.code == .tarUnsupported)
    }

    @Test(
        "records that are not of the form `LENGTH KEY=VALUE` are refused",
        arguments: [
            "", "5", "x", "13 path=abc\n", "11 path=abcd\n", "99 path=abc\n", "11 path=abc ", "0 a=b\n", "-6 a=b\n",
            "5 a=\nx",
            "4 a\n", "4 =\n", "7 a b c\n", "99999999999999999999 a=b\n", "+6 a=b\n", "011 path=abc\nx",
            "13 path=a\u{0}bc\n",
            "10 a\u{0}b=cd\n", " 6 a=b\n", "12 path=abc\n\u{0}",
        ]
    )
    func malformedRecords(body: String) {
        // An empty body is in order.
        let expected: Diagnostic.Code? = body.isEmpty ? nil : .tarMalformed
        #expect(entries(RawTar.entry("x", flag: "x", Array(body.utf8)) + RawTar.entry("f")).failure?.code == expected)
    }

    @Test(
        "pax values that are not numbers, or too large, are refused",
        arguments: [
            ("size", "-1"), ("size", "9223372036854775808"), ("size", "1.5"), ("size", "0x1"), ("size", " 1"),
            ("size", "+1"),
            ("uid", "4294967296"), ("gid", "-1"), ("mtime", "now"), ("mtime", "1e9"), ("mtime", "9223372036854775808"),
            ("mtime", "-"), ("mtime", "--1"), ("mtime", "1.2.3"), ("mtime", ".5"),
        ]
    )
    func paxNumbers(key: String, value: String) {
        #expect(entries(RawTar.pax([(key, value)]) + RawTar.entry("f")).failure?.code == .tarMalformed)
    }

    @Test(
        "an extended header over 1 MiB is refused before it is read",
        arguments: ["x", "g", "L", "K"] as [Unicode.Scalar]
    )
    func largeExtension(flag: Unicode.Scalar) {
        let header = RawTar.header("x", flag: flag, size: 1 << 20 + 1)
        #expect(entries(header).failure?.reason == "an extended header has 1048577 bytes, over 1048576, at byte 0")
    }

    @Test("global headers that add up to more than 64 KiB are refused")
    func manyGlobals() {
        let value = String(repeating: "v", count: 6_000)
        let archive = (0..<11).flatMap { RawTar.pax([("key\($0)", value)], flag: "g") }
        #expect(entries(archive).failure?.code == .tarMalformed)
        #expect(throws: Never.self) {
            try entries((0..<11).flatMap { _ in RawTar.pax([("key", value)], flag: "g") }).get()
        }
    }

    @Test("an extended header with no entry after it is refused", arguments: ["x", "L", "K"] as [Unicode.Scalar])
    func danglingExtension(flag: Unicode.Scalar) {
        let header = flag == "x" ? RawTar.pax([("path", "a")]) : RawTar.entry("x", flag: flag, [0x61])
        for end in [[], RawTar.end] { #expect(entries(header + end).failure?.code == .tarMalformed) }
    }

    @Test(
        "kinds that are not supported are named",
        arguments: [
            ("S", "it is sparse"), ("M", "its type flag is `M`"), ("D", "its type flag is `D`"),
            ("Z", "its type flag is `Z`"),
        ]
            as [(Unicode.Scalar, String)]
    )
    func unsupported(flag: Unicode.Scalar, reason: String) {
        let failure = entries(RawTar.entry("a") + RawTar.entry("f", flag: flag)).failure
        #expect(failure?.code == .tarUnsupported)
        #expect(failure?.reason == "\(reason), at byte 512")
    }

    @Test("a GNU volume label is passed over")
    func volumeLabel() throws {
        #expect(try entries(RawTar.entry("label", flag: "V") + RawTar.entry("a")).get().map(\.record.path) == [[0x61]])
    }

    // MARK: Ends

    @Test("the archive may end without blocks of zeros, and without filling its last block")
    func missingEnd() throws {
        let archive = RawTar.entry("a") + RawTar.entry("b", Self.hello)
        for bytes in [archive, archive + RawTar.end.prefix(512), Array(archive.dropLast(100)), archive + RawTar.end] {
            #expect(try entries(bytes).get().map(\.content) == [[], Self.hello])
        }
        #expect(try entries([]).get() == [])
    }

    @Test("an archive cut inside a header or a content is refused", arguments: [1, 511, 1025, 1500, 1536, 1537, 1540])
    func truncated(count: Int) {
        let archive = RawTar.entry("a", Self.hello) + RawTar.entry("b", Self.hello)
        let failure = entries(Array(archive.prefix(count))).failure
        #expect(failure?.code == .tarMalformed)
    }

    @Test("a content that is skipped must be there too")
    func truncatedSkip() throws {
        var reader = TarReader(MemorySource(Array(RawTar.entry("a", Self.hello).prefix(514))))
        _ = try reader.next()
        var failure: Diagnostic?
        do throws(Diagnostic) { try reader.drain() } catch { failure = error }
        #expect(failure?.reason == "the archive ends inside an entry's content, at byte 514")
    }

    @Test("draining reads what follows the end, from any place", arguments: [0, 1, 2, 3])
    func drain(count: Int) throws {
        let junk = [UInt8](repeating: 0xAB, count: 200_000)
        let archive = RawTar.entry("a", Self.hello) + RawTar.entry("b", Self.hello) + RawTar.end + junk
        var reader = TarReader(PieceSource(archive, piece: 3000))
        for _ in 0..<count { _ = try reader.next() }
        try reader.drain()
        let after = try reader.next()
        let source = reader.takeSource()
        #expect(after == nil)
        #expect(source.position == archive.count)
        #expect(source.hasEnded)
    }

    @Test("a content can be taken whole, up to a limit")
    func wholeContent() throws {
        var reader = TarReader(
            MemorySource(RawTar.entry("a", Self.hello) + RawTar.entry("b", Self.hello) + RawTar.entry("c"))
        )
        _ = try reader.next()
        let first = try reader.readContent(limit: 5)
        let again = try reader.readContent(limit: 5)
        _ = try reader.next()
        var failure: Diagnostic?
        do throws(Diagnostic) { _ = try reader.readContent(limit: 4) } catch { failure = error }
        let last = try reader.next()
        #expect(first == Self.hello)
        #expect(again == [])
        #expect(failure?.code == .tarUnsupported)
        #expect(last?.path == [0x63])
    }

    @Test("a tar inside gzip is read through both, to the last compressed byte")
    func insideGzip() throws {
        let archive = RawTar.entry("a", Self.hello) + RawTar.end
        let bytes = try StreamFormat.gzip.compress(archive)
        var reader = TarReader(try GzipReader(PieceSource(bytes), limit: Int64(archive.count)))
        let record = try reader.next()
        try reader.drain()
        let source = reader.takeSource().takeSource()
        #expect(record?.path == [0x61])
        #expect(source.position == bytes.count)
        #expect(source.hasEnded)
    }
}
