import Archive
import ByteIO
import Diagnostics
import TestSupport
import Testing

@Suite("Reading gzip")
struct GzipReaderTests {
    @Test("a header with an extra field, a name, a comment and a checksum is read")
    func fullHeader() throws {
        let plain = try StreamFormat.gzip.compress(Array("hello".utf8))
        var header: [UInt8] = [0x1F, 0x8B, 8, 0b11110, 1, 2, 3, 4, 0, 3, 4, 0, 0x41, 0x42, 0, 0]
        header += Array("name\0comment\0".utf8)
        let bytes = header + checksum(of: header).prefix(2) + plain[10...]
        #expect(try StreamFormat.gzip.decompress(bytes).get() == Array("hello".utf8))
        var wrong = bytes
        wrong[header.count] ^= 1
        #expect(StreamFormat.gzip.decompress(wrong).failure?.code == .gzipMalformed)
    }

    @Test("zeros after the last member are padding", arguments: [1, 511, 70000])
    func padding(count: Int) throws {
        let bytes = try StreamFormat.gzip.compress(Array("hello".utf8)) + [UInt8](repeating: 0, count: count)
        #expect(try StreamFormat.gzip.decompress(bytes).get() == Array("hello".utf8))
    }

    @Test(
        "anything else after the last member is refused with its place",
        arguments: [[1], [0x1E], [0, 0, 0x1F, 0x8B]]
    )
    func trailingBytes(tail: [UInt8]) throws {
        let member = try StreamFormat.gzip.compress(Array("hello".utf8))
        let failure = try #require(StreamFormat.gzip.decompress(member + tail).failure)
        #expect(failure.code == .gzipMalformed)
        let zeros = tail.prefix { $0 == 0 }.count
        #expect(failure.reason == "something else follows its end, at byte \(member.count + zeros)")
    }

    @Test("a second member that is not gzip is refused")
    func brokenMember() throws {
        let member = try StreamFormat.gzip.compress(Array("hello".utf8))
        #expect(
            StreamFormat.gzip.decompress(member + [0x1F]).failure?.reason
                == "it ends too early, at byte \(member.count + 1)"
        )
        #expect(StreamFormat.gzip.decompress(member + [0x1F, 0x8C, 8, 0]).failure?.code == .gzipMalformed)
    }

    @Test("a wrong checksum or size is refused", arguments: 1...8)
    func trailer(fromEnd: Int) throws {
        var bytes = try StreamFormat.gzip.compress(sampleText)
        bytes[bytes.count - fromEnd] ^= 0x10
        let failure = try #require(StreamFormat.gzip.decompress(bytes).failure)
        #expect(failure.code == .gzipMalformed)
        #expect(failure.code.category == .verification)
        let check = fromEnd > 4 ? "data" : "length"
        #expect(failure.reason?.hasPrefix("zlib says `incorrect \(check) check`, at byte ") == true)
    }
}

/// The CRC-32 of `bytes`, little-endian.
private func checksum(of bytes: [UInt8]) -> ArraySlice<UInt8> {
    GzipMember.trailer(CRC32(of: bytes), size: 0).prefix(4)
}
