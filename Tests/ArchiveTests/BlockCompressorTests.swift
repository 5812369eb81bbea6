import Archive
import Diagnostics
import TestSupport
import Testing

@Suite("Compressing blocks into one gzip member")
struct BlockCompressorTests {
    private static func member(_ blocks: [[UInt8]], level: Int) throws -> [UInt8] {
        let compressor = BlockCompressor(level: level)
        var bytes = GzipMember.header
        for block in blocks { bytes += try compress(block, with: compressor) }
        let plain = Array(blocks.joined())
        return bytes + BlockCompressor.terminator + GzipMember.trailer(CRC32(of: plain), size: Int64(plain.count))
    }

    private static func compress(_ block: [UInt8], with compressor: borrowing BlockCompressor) throws(Diagnostic)
        -> [UInt8]
    {
        var result: Result<[UInt8], Diagnostic> = .success([])
        block.withUnsafeBytes { bytes in
            do throws(Diagnostic) {
                result = .success(try compressor.compress(bytes))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    @Test("gzip and Python inflate joined blocks to the input, as one member with nothing behind it", arguments: 1...12)
    func joined(level: Int) throws {
        let scratch = try TemporaryDirectory()
        let blocks = Sample.all.map(\.bytes)
        let archive = try scratch.file("a.gz", try Self.member(blocks, level: level))
        let plain = try scratch.file("plain", Array(blocks.joined()))
        try Command.shell(#"gzip -t "$1" && gzip -dc "$1" | cmp - "$2""#, [archive, plain]).output()
        let script = """
            import sys, zlib
            d = zlib.decompressobj(wbits=31)
            data = d.decompress(open(sys.argv[1], "rb").read())
            print(d.eof, len(d.unused_data), data == open(sys.argv[2], "rb").read())
            """
        #expect(try Tool.python(script, [archive, plain]) == "True 0 True\n")
    }

    @Test("small blocks of every size are joined, too", arguments: [1, 4, 12])
    func small(level: Int) throws {
        let scratch = try TemporaryDirectory()
        var generator = Pseudorandom(seed: 1952)
        let blocks = (1...400).map { Sample.mixed($0, &generator) } + (0..<100).map { [UInt8(truncatingIfNeeded: $0)] }
        let archive = try scratch.file("a.gz", try Self.member(blocks, level: level))
        let plain = try scratch.file("plain", Array(blocks.joined()))
        try Command.shell(#"gzip -dc "$1" | cmp - "$2""#, [archive, plain]).output()
    }

    @Test("a block's bytes do not depend on what was compressed before it", arguments: [1, 4, 9])
    func independent(level: Int) throws {
        let used = BlockCompressor(level: level)
        for sample in Sample.all {
            let first = try Self.compress(sample.bytes, with: used)
            #expect(try Self.compress(sample.bytes, with: used) == first, "\(sample.name)")
            #expect(try Self.compress(sample.bytes, with: BlockCompressor(level: level)) == first, "\(sample.name)")
            // The mark of the empty stored block that brings the stream to a whole byte.
            #expect(first.suffix(4) == [0x00, 0x00, 0xFF, 0xFF])
        }
    }

    @Test("higher levels make smaller text")
    func levels() throws {
        let text = Sample.text(200_000)
        let sizes = try [1, 4, 6, 9, 12].map { try Self.compress(text, with: BlockCompressor(level: $0)).count }
        #expect(sizes == sizes.sorted(by: >))
    }

    @Test("the header is ten bytes without time, name or system")
    func header() {
        #expect(GzipMember.header == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
    }

    @Test("the trailer is the CRC-32 and the size, however the bytes come")
    func trailer() {
        #expect(GzipMember.trailer(CRC32(), size: 0) == [0, 0, 0, 0, 0, 0, 0, 0])
        var checksum = CRC32()
        for part in ["1234", "", "56789"] { Array(part.utf8).withUnsafeBytes { checksum.update($0) } }
        #expect(checksum == CRC32(of: Array("123456789".utf8)))
        var resumed = CRC32(resuming: CRC32(of: Array("1234".utf8)).value)
        Array("56789".utf8).withUnsafeBytes { resumed.update($0) }
        #expect(checksum == resumed)
        // The check value of CRC-32/ISO-HDLC.
        #expect(GzipMember.trailer(checksum, size: 9) == [0x26, 0x39, 0xF4, 0xCB, 9, 0, 0, 0])
    }

    @Test("the checksum of two parts is that of the whole", arguments: [0, 1, 8, 9])
    func joinedChecksums(size: Int) {
        let digits = Array("123456789".utf8)
        let (front, back) = (CRC32(of: Array(digits[..<size])), CRC32(of: Array(digits[size...])))
        #expect(front.followed(by: back, size: digits.count - size) == CRC32(of: digits))
    }

    @Test("the size in the trailer is modulo 4 GiB")
    func largeTrailer() {
        #expect(GzipMember.trailer(CRC32(), size: (1 << 32) + 1).suffix(4) == [1, 0, 0, 0])
    }
}
