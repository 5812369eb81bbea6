import Archive
import Diagnostics
import TestSupport
import Testing

/// Damaged archives: whatever the bytes, the reader returns or throws.
@Suite("Reading damaged tar archives")
struct TarMutationTests {
    /// One of everything, and where its header blocks are.
    static let original: (bytes: [UInt8], headers: [Int]) = {
        let long = (0..<300).map { UInt8(ascii: $0 == 150 ? "/" : "l") }
        let parts = [
            RawTar.entry("dir/", flag: "5"), RawTar.entry("file", Array("content".utf8)),
            RawTar.header("link", flag: "2", target: "file"), RawTar.header("hard", flag: "1", target: "file"),
            RawTar.header("null", flag: "3") { RawTar.put("0000001\u{0}0000003", at: 329, in: &$0) },
            RawTar.pax([("uname", "u"), ("comment", "c")], flag: "g"),
            RawTar.pax([("path", "pax/name"), ("size", "700"), ("mtime", "-1.5"), ("uid", "70000")]),
            RawTar.header("x") + RawTar.padded([UInt8](repeating: 1, count: 700)),
            RawTar.entry("K", flag: "K", long + [0]), RawTar.entry("L", flag: "L", long + [0]),
            RawTar.header("l", flag: "2", target: "t"),
            RawTar.header("big") { block in
                for index in 124..<136 { block[index] = 0 }
                block[124] = 0x80
                block[134] = 2
            },
            RawTar.padded([UInt8](repeating: 2, count: 512)), RawTar.end,
        ]
        var bytes = [UInt8]()
        var headers = [Int]()
        for part in parts {
            if part.count >= 512, part[257..<262].elementsEqual("ustar".utf8) { headers.append(bytes.count) }
            bytes += part
        }
        return (bytes, headers)
    }()

    @Test("the archive that is damaged is in order")
    func undamaged() throws {
        let found = try entries(Self.original.bytes).get()
        #expect(found.map(\.record.size) == [0, 7, 0, 0, 0, 700, 0, 512])
        #expect(Self.original.headers.count == 12)
    }

    @Test("bytes changed, with the checksums made right again, give entries or a failure", arguments: 1...8)
    func flips(seed: UInt64) throws {
        var random = Pseudorandom(seed: seed &* 0x9E37_79B9_7F4A_7C15)
        var refused = 0
        for round in 0..<400 {
            var bytes = Self.original.bytes
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let header = Self.original.headers.randomElement(using: &random) ?? 0
                let fields = [0..<512, 0..<100, 100..<157, 124..<136, 156..<157, 257..<265, 345..<500, 512..<1024]
                let field = fields.randomElement(using: &random) ?? 0..<512
                let place = min(header + Int.random(in: field, using: &random), bytes.count - 1)
                let interesting: [UInt8] = [
                    0, 0xFF, 0x80, 0x20, 0x2F, 0x2E, 0x30, 0x37, 0x38, 0x3D, 0x0A, 0x78, 0x4C, 0x67,
                ]
                bytes[place] = interesting.randomElement(using: &random) ?? 0
            }
            for header in Self.original.headers where round % 8 != 0 { RawTar.sum(&bytes, at: header) }
            refused += try check(bytes) ? 0 : 1
        }
        #expect(refused > 100)
        #expect(refused < 400)
    }

    @Test("an archive cut at any place gives entries or a failure")
    func cuts() throws {
        let bytes = Self.original.bytes
        // Every byte around the blocks' ends, and some between.
        for count in 0...bytes.count where count % 512 < 3 || count % 512 > 509 || count % 29 == 0 {
            _ = try check(Array(bytes.prefix(count)))
        }
    }

    @Test("random bytes are refused")
    func noise() throws {
        var random = Pseudorandom(seed: 3)
        for _ in 0..<200 {
            let bytes = (0..<2048).map { _ in UInt8(truncatingIfNeeded: random.next() >> 13) }
            #expect(try !check(bytes))
        }
    }

    /// Whether `bytes` are read without a failure. What was read must in any case be in normal form and no more than
    /// there was.
    private func check(_ bytes: [UInt8]) throws -> Bool {
        var reader = TarReader(PieceSource(bytes, piece: 5000))
        var total = 0
        do throws(Diagnostic) {
            while let record = try reader.next() {
                let content = try reader.readToEnd(by: 300)
                total += content.count
                let components = record.path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                let isNormal =
                    record.path.isEmpty || components.allSatisfy { ![[], [0x2E], [0x2E, 0x2E]].contains(Array($0)) }
                #expect(isNormal && !record.path.contains(0))
                #expect(Int64(content.count) == record.size)
            }
            try reader.drain()
            #expect(total <= bytes.count)
            return true
        } catch {
            #expect(["tar.malformed", "tar.unsupported", "tar.path-escapes"].contains(error.code.rawValue))
            return false
        }
    }
}
