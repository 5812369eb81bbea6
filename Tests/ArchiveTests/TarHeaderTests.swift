import Archive
import TestSupport
import Testing

/// Entries at the limits of every field of ustar, read back by three programs that have nothing in common.
@Suite("Writing tar headers")
struct TarHeaderTests {
    /// An entry as all three programs are made to show it.
    struct Shown: Hashable, CustomStringConvertible {
        var kind: String
        var mode: UInt16
        var uid: UInt32
        var gid: UInt32
        var size: Int64
        var modified: Int64
        var name: String
        var target: String

        init(_ header: TarHeader) {
            switch header.kind {
            case .regular: kind = "file"
            case .directory: kind = "directory"
            case .symlink: kind = "symlink"
            case .hardlink: kind = "hardlink"
            }
            (mode, uid, gid, size, modified) = (header.mode, header.uid, header.gid, header.size, header.modified)
            name = octal(header.kind == .directory ? header.name.dropLast() : header.name[...])
            target = octal(header.linkTarget[...])
        }

        init(
            kind: String,
            mode: UInt16,
            uid: UInt32,
            gid: UInt32,
            size: Int64,
            modified: Int64,
            name: String,
            target: String
        ) {
            (self.kind, self.mode, self.uid, self.gid, self.size) = (kind, mode, uid, gid, size)
            (self.modified, self.name, self.target) = (modified, name, target)
        }

        var description: String {
            "\(kind) \(String(mode, radix: 8)) \(uid):\(gid) \(size) @\(modified) \(name.prefix(60))[\(name.count)] > \(target.prefix(60))[\(target.count)]"
        }
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    private static func run(_ count: Int, of letter: String = "n") -> String { String(repeating: letter, count: count) }
    /// `count` bytes in components of ten.
    private static func deep(_ count: Int) -> String {
        String(repeating: "ninebytes/", count: count / 10) + run(count % 10, of: "e")
    }

    private static let names: [(name: [UInt8], isExtended: Bool)] = [
        (bytes("a"), false),
        (bytes(run(99)), false), (bytes(run(100)), false), (bytes(run(101)), true), (bytes(run(255)), true),
        (bytes(run(155, of: "p") + "/" + run(100)), false), (bytes(run(156, of: "p") + "/" + run(99)), true),
        (bytes(run(155, of: "p") + "/" + run(101)), true), (bytes(run(1, of: "p") + "/" + run(100)), false),
        (bytes(run(200, of: "p") + "/x"), true), (bytes("x/" + run(200)), true),
        (bytes(deep(101)), false), (bytes(deep(256)), true), (bytes(deep(255)), true), (bytes(deep(4001)), true),
        ([0x62, 0xFF, 0x80], false), ([UInt8](repeating: 0xFE, count: 120), true),
        (bytes(String(repeating: "é", count: 60)), true),
        (bytes(String(repeating: "é", count: 50)), false), (bytes("tab\tand\u{1B}"), false),
        (bytes("new\nline"), false),
    ]

    private static var entries: [TarHeader] {
        var entries = names.map { TarHeader(.regular, name: $0.name, mode: 0o644) }
        entries += [
            TarHeader(.directory, name: bytes("dir/"), mode: 0o1777),
            TarHeader(.directory, name: bytes(run(99, of: "d") + "/"), mode: 0o755),
            TarHeader(.directory, name: bytes(run(100, of: "d") + "/"), mode: 0o755),
            TarHeader(.directory, name: bytes(run(101, of: "d") + "/"), mode: 0o755),
            TarHeader(.directory, name: bytes(deep(300)), mode: 0o755),
            TarHeader(.directory, name: [0xFF] + bytes(run(140, of: "d") + "/"), mode: 0o755),
        ]
        for (index, target) in [
            bytes("t"), bytes(run(99)), bytes(run(100)), bytes(run(101)), bytes(deep(1031)), bytes(deep(4001)),
            [0xFF, 0x2F, 0x80], [0xFF] + bytes(run(150)),
        ].enumerated() {
            entries.append(TarHeader(.symlink, name: bytes("symlink\(index)"), linkTarget: target, mode: 0o777))
        }
        for (index, name) in names.enumerated() {
            entries.append(TarHeader(.hardlink, name: bytes("hardlink\(index)"), linkTarget: name.name, mode: 0o644))
        }
        for (index, id) in [2_097_150, 2_097_151, 2_097_152, UInt32.max - 1].enumerated() {
            entries.append(TarHeader(.regular, name: bytes("id\(index)"), mode: 0o6755, uid: id, gid: 7))
            entries.append(TarHeader(.regular, name: bytes("group\(index)"), mode: 0o400, uid: 7, gid: id))
        }
        for (index, time) in [1, 0o777_7777_7777, 0o1_000_0000_0000, 10_000_000_000, -1, -2_208_988_800].enumerated() {
            entries.append(TarHeader(.regular, name: bytes("time\(index)"), mode: 0o7777, modified: Int64(time)))
        }
        entries.append(
            TarHeader(.regular, name: bytes(run(300)), size: 3, mode: 0, uid: 3_000_000, gid: 3_000_001, modified: -5)
        )
        return entries
    }

    private static func archive(_ entries: [TarHeader]) -> [UInt8] {
        var bytes = [UInt8]()
        for entry in entries {
            bytes += entry.encoded()
            bytes += [UInt8](repeating: 0x78, count: Int(entry.size))
            bytes += [UInt8](repeating: 0, count: Int(TarHeader.padded(entry.size) - entry.size))
        }
        return bytes + [UInt8](repeating: 0, count: 1024)
    }

    @Test("Python's tarfile reads every field as it was written")
    func python() throws {
        let scratch = try TemporaryDirectory()
        let archive = try scratch.file("a.tar", Self.archive(Self.entries))
        #expect(try Listing.python(archive) == Self.entries.map(Shown.init))
    }

    @Test("GNU tar reads every field as it was written")
    func gnuTar() throws {
        let scratch = try TemporaryDirectory()
        let archive = try scratch.file("a.tar", Self.archive(Self.entries))
        #expect(try Listing.gnuTar(archive) == Self.entries.map(Shown.init))
    }

    @Test("bsdtar reads every field as it was written")
    func bsdTar() throws {
        let scratch = try TemporaryDirectory()
        let archive = try scratch.file("a.tar", Self.archive(Self.entries))
        let expected = Self.entries.map(Shown.init)
        let attributes = try Listing.bsdTarAttributes(archive)
        // What this listing does not tell of a hard link is its target, and that it is one.
        let comparable = expected.map { entry in
            var entry = entry
            if entry.kind == "hardlink" { (entry.kind, entry.target) = ("file", "") }
            return entry
        }
        #expect(attributes == Dictionary(uniqueKeysWithValues: comparable.map { ($0.name, $0) }))
        #expect(
            try Listing.bsdTarTargets(archive)
                == expected.filter { !$0.target.isEmpty }.map { "\($0.name) > \($0.target)" }
        )
    }

    @Test(
        "sizes around the end of ustar's field are read by all three, and only those beyond it need a pax header",
        arguments: [8_589_934_591, 8_589_934_592, 8_589_934_593, 107_374_182_400] as [Int64]
    )
    func largeSizes(size: Int64) throws {
        let scratch = try TemporaryDirectory()
        let large = TarHeader(.regular, name: Self.bytes("large"), size: size, mode: 0o644)
        let behind = TarHeader(.regular, name: Self.bytes("behind"), size: 5, mode: 0o600)
        #expect(large.encodedSize == (size < 8 << 30 ? 512 : 1536))
        let archive = try scratch.file("a.tar", large.encoded())
        // The content is a hole.
        try Command.shell(
            #"truncate -s "$2" "$1" && cat "$3" >> "$1""#,
            [
                archive, "\(Int64(large.encodedSize) + TarHeader.padded(size))",
                try scratch.file("rest", Self.archive([behind])),
            ]
        ).output()
        let expected = [Shown(large), Shown(behind)]
        #expect(try Listing.python(archive) == expected)
        #expect(try Listing.gnuTar(archive) == expected)
        #expect(try Listing.bsdTarSizes(archive) == ["large \(size)", "behind 5"])
    }

    @Test("a name has a pax header only where ustar's fields cannot hold it", arguments: names)
    func extendedOnlyWhereNeeded(name: [UInt8], isExtended: Bool) {
        let header = TarHeader(.regular, name: name, mode: 0o644)
        #expect((header.encodedSize > 512) == isExtended)
        #expect((header.encoded()[156] == UInt8(ascii: "x")) == isExtended)
    }

    @Test("the size that is announced is the size that is written", arguments: 1...300)
    func announcedSize(length: Int) {
        for header in [
            TarHeader(
                .regular,
                name: [UInt8](repeating: 0x61, count: length),
                mode: 0o644,
                uid: .max - 1,
                modified: -1
            ),
            TarHeader(.symlink, name: [0xFF], linkTarget: [UInt8](repeating: 0xFF, count: length * 13), mode: 0o777),
        ] {
            let bytes = header.encoded()
            #expect(bytes.count == header.encodedSize)
            #expect(bytes.count % 512 == 0)
        }
    }

    @Test("a plain entry's block is fixed byte for byte")
    func golden() {
        let header = TarHeader(
            .regular,
            name: Self.bytes("app/server"),
            size: 1234,
            mode: 0o755,
            uid: 0,
            gid: 65532,
            modified: 1
        )
        var expected = [UInt8](repeating: 0, count: 512)
        for (offset, text) in [
            (0, "app/server"), (100, "0000755\0"), (108, "0000000\0"), (116, "0177774\0"), (124, "00000002322\0"),
            (136, "00000000001\0"), (156, "0"), (257, "ustar\0"), (263, "00"), (329, "0000000\0"), (337, "0000000\0"),
        ] {
            expected.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8)
        }
        let sum = expected.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        let digits = String(sum, radix: 8)
        expected.replaceSubrange(
            148..<156,
            with: Array((String(repeating: "0", count: 6 - digits.count) + digits + "\0 ").utf8)
        )
        #expect(header.encoded() == expected)
    }

    @Test("nothing of the machine is in a pax header: its name, owner and time are fixed")
    func fixedPaxHeader() {
        let first = TarHeader(.regular, name: Self.bytes(Self.run(200)), mode: 0o644, modified: 5).encoded()
        let second = TarHeader(.regular, name: Self.bytes(Self.run(200)), mode: 0o600, uid: 9, modified: 77).encoded()
        #expect(first[..<1024] == second[..<1024])
        #expect(first.starts(with: "PaxHeaders/x\0".utf8))
    }

    @Test(
        "sizes are rounded up to whole blocks",
        arguments: [(0, 0), (1, 512), (511, 512), (512, 512), (513, 1024)] as [(Int64, Int64)]
    )
    func padding(size: Int64, padded: Int64) {
        #expect(TarHeader.padded(size) == padded)
    }
}
