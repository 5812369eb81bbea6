import Diagnostics
import Layers
import Testing

@testable import Rootfs

@Suite struct ZoneinfoTests {
    @Test("GNU tar lists the same names, kinds, sizes and targets in the archive of zones")
    func sameAsTar() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Zoneinfo.embedded, to: "zoneinfo.tar")
        let listed = try Tool.run(["tar", "--numeric-owner", "--utc", "-tvf", file]).split(separator: "\n")
        let ours = try ZoneinfoArchive(Zoneinfo.embedded).members().map { member in
            let name = String(decoding: member.name, as: UTF8.self)
            return switch member.content {
            case .directory: "drwxr-xr-x 0/0 0 1970-01-01 00:00 \(name)"
            case .file(let bytes): "-rw-r--r-- 0/0 \(bytes.count) 1970-01-01 00:00 \(name)"
            case .symlink(let target):
                "lrwxrwxrwx 0/0 0 1970-01-01 00:00 \(name) -> \(String(decoding: target, as: UTF8.self))"
            }
        }
        // tar pads its columns.
        #expect(ours == listed.map { $0.split(separator: " ").joined(separator: " ") })
    }

    @Test("Python reads every zone of the layer, and every link's")
    func readByPython() throws {
        let directory = try TemporaryDirectory()
        var zones: [String] = []
        for entry in try Zoneinfo.entries() {
            let name = "\(directory.path)\(entry.path)"
            switch entry.content {
            case .directory: try Tool.run(["mkdir", "-p", name])
            case .symlink(let target): try Tool.run(["ln", "-s", String(decoding: target, as: UTF8.self), name])
            case .bytes(let bytes): _ = try directory.write(bytes, to: String(entry.path.description.dropFirst()))
            default: Issue.record("unexpected entry \(entry.path)")
            }
            if !entry.path.description.contains("."), entry.content != .directory {
                zones.append(String(entry.path.description.dropFirst("/usr/share/zoneinfo/".count)))
            }
        }
        zones.removeAll { $0 == "leapseconds" }
        let program = """
            import sys, zoneinfo, datetime
            zoneinfo.reset_tzpath([sys.argv[1]])
            for name in sys.argv[2:]:
                zone = zoneinfo.ZoneInfo(name)
            print(len(sys.argv) - 2, datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).utcoffset())
            """
        let output = try Tool.run(["python3", "-c", program, "\(directory.path)/usr/share/zoneinfo"] + zones)
        #expect(output == "\(zones.count) 2:00:00\n")
        #expect(zones.count > 500)
    }

    @Test(
        "zones that count leap seconds, and a local time, are not in the layer",
        arguments: ["right", "posix", "localtime", "posixrules"]
    )
    func leftOut(name: String) throws {
        #expect(try !Zoneinfo.entries().contains { $0.path.description.hasPrefix("/usr/share/zoneinfo/\(name)") })
    }

    @Test(
        "tables that programs read are in the layer",
        arguments: ["tzdata.zi", "zone.tab", "zone1970.tab", "iso3166.tab", "leapseconds", "leap-seconds.list"]
    )
    func tables(name: String) throws {
        #expect(try Zoneinfo.entries().contains { $0.path.description == "/usr/share/zoneinfo/\(name)" })
    }
}

@Suite struct ZoneinfoArchiveTests {
    @Test("a directory, a file that fills no block and a link are read")
    func read() throws {
        let bytes =
            header("A", "5") + header("A/b", "0", size: 3) + padded("abc") + header("c", "2", target: "A/b") + end
        #expect(
            try ZoneinfoArchive(bytes).members() == [
                .init(name: Array("A".utf8), content: .directory),
                .init(name: Array("A/b".utf8), content: .file(Array("abc".utf8))),
                .init(name: Array("c".utf8), content: .symlink(Array("A/b".utf8))),
            ]
        )
    }

    @Test("an archive of nothing has no members")
    func empty() throws {
        #expect(try ZoneinfoArchive(end).members().isEmpty)
    }

    @Test(
        "an archive that is not as it has to be is refused",
        arguments: [
            ("no bytes", []),
            ("a byte short of its end", Array(end.dropLast())),
            ("one block of zeros", Array(end.dropLast(512))),
            ("something after its end", end + [0]),
            (
                "something in its second last block",
                header("a", "0") + [UInt8](repeating: 0, count: 512) + header("b", "0")
            ),
            ("another magic", header("a", "0", magic: "ustar  \u{0}") + end),
            ("a wrong checksum", changed(header("a", "0"), at: 150) + end),
            ("a changed mode", changed(header("a", "0"), at: 103) + end),
            ("no name", header("", "0") + end),
            ("an absolute name", header("/a", "0") + end),
            ("a name that climbs", header("a/../../b", "0") + end),
            ("a name with a slash at its end", header("a/", "5") + end),
            ("a name of 100 bytes", header(String(repeating: "a", count: 100), "0") + end),
            ("an absolute target", header("a", "2", target: "/etc/localtime") + end),
            ("a link without a target", header("a", "2") + end),
            ("a directory with content", header("a", "5", size: 3) + padded("abc") + end),
            ("a hard link", header("a", "1", target: "b") + end),
            ("a pax header", header("a", "x", size: 3) + padded("abc") + end),
            ("a size beyond its end", header("a", "0", size: 0o77777777777) + end),
            ("names out of order", header("b", "0") + header("a", "0") + end),
            ("a name twice", header("a", "0") + header("a", "0") + end),
            ("a size in base 256", changed(header("a", "0"), at: 124, by: 0x50, mendingChecksum: true) + end),
        ] as [(String, [UInt8])]
    )
    func refused(what: String, bytes: [UInt8]) {
        let error = #expect(throws: Diagnostic.self) { try ZoneinfoArchive(bytes).members() }
        #expect(error?.code == .zoneinfoMalformed)
    }

    @Test("an archive cut anywhere is refused")
    func cut() throws {
        let whole = header("a", "0", size: 600) + padded(String(repeating: "x", count: 600)) + end
        #expect(try ZoneinfoArchive(whole).members().count == 1)
        for length in stride(from: 0, to: whole.count, by: 7) {
            #expect(throws: Diagnostic.self) { try ZoneinfoArchive(Array(whole[..<length])).members() }
        }
    }
}

private let end = [UInt8](repeating: 0, count: 1024)

private func padded(_ text: String) -> [UInt8] {
    Array(text.utf8) + [UInt8](repeating: 0, count: (512 - text.utf8.count % 512) % 512)
}

private func header(
    _ name: String,
    _ kind: Character,
    size: Int = 0,
    target: String = "",
    magic: String = "ustar\u{0}00"
) -> [UInt8] {
    func octal(_ number: Int, _ digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: digits - text.count) + text
    }
    func field(_ text: String, _ length: Int) -> [UInt8] {
        Array(text.utf8) + [UInt8](repeating: 0, count: length - text.utf8.count)
    }
    var block = field(name, 100) + field("0000644", 8) + field("0000000", 8) + field("0000000", 8)
    block += field(octal(size, 11), 12) + field(octal(0, 11), 12) + field("", 8) + field(String(kind), 1)
    block += field(target, 100) + field(magic, 8) + field("", 247)
    return summed(block)
}

private func summed(_ block: [UInt8]) -> [UInt8] {
    var block = block
    block.replaceSubrange(148..<156, with: Array("        ".utf8))
    let text = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
    let digits = String(repeating: "0", count: 6 - text.count) + text
    block.replaceSubrange(148..<156, with: Array(digits.utf8) + [0, UInt8(ascii: " ")])
    return block
}

private func changed(_ block: [UInt8], at index: Int, by amount: UInt8 = 1, mendingChecksum: Bool = false) -> [UInt8] {
    var block = block
    block[index] &+= amount
    return mendingChecksum ? summed(block) : block
}
