import Archive
import ByteIO
import Diagnostics
import TestSupport
import Testing

@Suite("Reading ar")
struct ArReaderTests {
    /// One member as it is stored, with its padding.
    static func member(_ name: String, _ content: [UInt8], size: String? = nil, end: String = "`\n") -> [UInt8] {
        func field(_ text: String, _ width: Int) -> [UInt8] {
            Array(text.utf8) + [UInt8](repeating: 0x20, count: max(0, width - text.utf8.count))
        }
        let header = field(name, 16) + field("0", 12) + field("0", 6) + field("0", 6) + field("100644", 8)
        let padding: [UInt8] = content.count % 2 == 1 ? [0x0A] : []
        return header + field(size ?? String(content.count), 10) + Array(end.utf8) + content + padding
    }

    static let magic = Array("!<arch>\n".utf8)

    /// Names and contents, or what is thrown.
    static func read(_ bytes: [UInt8], piece: Int = .max) -> Result<[String: [UInt8]], Diagnostic> {
        do throws(Diagnostic) {
            var reader = ArReader(PieceSource(bytes, piece: piece))
            var members = [String: [UInt8]]()
            while let member = try reader.next() {
                members[member.name] = try reader.readContent(limit: 1 << 20)
            }
            return .success(members)
        } catch {
            return .failure(error)
        }
    }

    @Test("members come with their names and contents", arguments: [1, 7, .max])
    func members(piece: Int) throws {
        let bytes =
            Self.magic + Self.member("debian-binary", Array("2.0\n".utf8)) + Self.member("odd/", [1, 2, 3])
            + Self.member("empty", []) + Self.member("sixteen-bytes-ok", [9])
        let expected: [String: [UInt8]] = [
            "debian-binary": Array("2.0\n".utf8), "odd": [1, 2, 3], "empty": [], "sixteen-bytes-ok": [9],
        ]
        #expect(try Self.read(bytes, piece: piece).get() == expected)
    }

    @Test("what binutils writes is read")
    func binutils() throws {
        let folder = try TemporaryDirectory()
        try folder.file("a", "one")
        try folder.file("b.txt", "fourfour")
        try Command("ar", ["rcS", "x.a", "a", "b.txt"], directory: folder.path).output()
        let members = try Self.read(readFile(folder("x.a"))).get()
        #expect(members == ["a": Array("one".utf8), "b.txt": Array("fourfour".utf8)])
    }

    @Test("a content that is not read is passed over")
    func skipping() throws {
        let bytes = Self.magic + Self.member("a", [1, 2, 3]) + Self.member("b", [4])
        var reader = ArReader(PieceSource(bytes))
        #expect(try reader.next()?.name == "a")
        let member = try #require(try reader.next())
        #expect((member.name, member.size, member.offset) == ("b", 1, 8 + 64))
        #expect(try reader.readToEnd() == [4])
        #expect(try reader.next() == nil)
    }

    @Test("the last member's padding may be missing")
    func noPadding() throws {
        #expect(try Self.read(Self.magic + Self.member("a", [7]).dropLast()).get() == ["a": [7]])
    }

    static let damaged: [(String, [UInt8])] = [
        ("nothing", []),
        ("half a magic", Array("!<ar".utf8)),
        ("another magic", Array("!<thin>\n".utf8) + member("a", [])),
        ("half a header", magic + member("a", []).prefix(30)),
        ("half a content", magic + member("a", [1, 2, 3, 4]).dropLast(2)),
        ("a size without end", magic + member("a", [1], size: "9999999999")),
        ("a negative size", magic + member("a", [1], size: "-1")),
        ("a size in hexadecimal", magic + member("a", [1], size: "0x1")),
        ("an empty size", magic + member("a", [1], size: " ")),
        ("a wrong end of a header", magic + member("a", [], end: "xx")),
        ("no name", magic + member("", [])),
        ("a name with control characters", magic + member("a\u{1B}[2J", [])),
        ("wrong padding", magic + member("a", [1]).dropLast() + [0x58] + member("b", [])),
        ("junk after the last member", magic + member("a", [1]) + Array("junk".utf8)),
    ]

    @Test("what is damaged is refused", arguments: damaged)
    func refused(what: String, bytes: [UInt8]) {
        guard case .failure(let error) = Self.read(bytes) else {
            Issue.record("\(what) was read")
            return
        }
        #expect(error.code == .arMalformed, "\(what)")
    }

    @Test("names that stand elsewhere are refused", arguments: ["/", "//", "/123", "#1/20"])
    func longNames(name: String) {
        guard case .failure(let error) = Self.read(Self.magic + Self.member(name, [1, 2])) else {
            Issue.record("`\(name)` was read")
            return
        }
        #expect(error.code == .arUnsupported)
    }
}
