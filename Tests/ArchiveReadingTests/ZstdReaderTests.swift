import Archive
import ByteIO
import Diagnostics
import TestSupport
import Testing

@Suite("Reading zstd")
struct ZstdReaderTests {
    /// A skippable frame, as chunked images have at their end.
    private static func skippable(_ content: [UInt8], _ number: UInt8 = 0) -> [UInt8] {
        [0x50 | number, 0x2A, 0x4D, 0x18, UInt8(content.count & 0xFF), UInt8(content.count >> 8), 0, 0] + content
    }

    @Test(
        "every level and option that people use is read",
        arguments: [
            "-1", "-19", "--ultra -22", "--long=27", "--no-check", "--fast=5",
            "--rsyncable -T2",
        ]
    )
    func options(option: String) throws {
        #expect(
            try StreamFormat.zstd.decompress(StreamFormat.zstd.compress(sampleText, "zstd -q -c \(option)")).get()
                == sampleText
        )
    }

    @Test("several frames are read as one, and skippable ones are passed over", arguments: [1, 5, .max])
    func frames(piece: Int) throws {
        let (a, b) = (Array(sampleText.prefix(3000)), Array(sampleText.suffix(5000)))
        let bytes =
            try Self.skippable([1, 2, 3], 15) + StreamFormat.zstd.compress(a) + StreamFormat.zstd.compress([])
            + Self.skippable([])
            + StreamFormat.zstd.compress(b, "zstd -q -c -1")
            + Self.skippable([UInt8](repeating: 0x28, count: 1000), 7)
        #expect(try StreamFormat.zstd.decompress(bytes, piece: piece).get() == a + b)
        #expect(try StreamFormat.zstd.decompress(Self.skippable([9, 9]), piece: piece).get() == [])
    }

    @Test(
        "anything else after the last frame is refused with its place",
        arguments: [
            [1, 2, 3, 4], [0, 0, 0, 0], [0x1F, 0x8B, 8, 0], [0xFD, 0x2F, 0xB5, 0x27, 0], [0x60, 0x2A, 0x4D, 0x18],
        ]
    )
    func trailingBytes(tail: [UInt8]) throws {
        let frame = try StreamFormat.zstd.compress(Array("hello".utf8))
        let failure = try #require(StreamFormat.zstd.decompress(frame + tail).failure)
        #expect(failure.code == .zstdMalformed)
        #expect(failure.reason == "something else follows its end, at byte \(frame.count)")
    }

    @Test("a stream cut at any byte is refused", arguments: ["zstd -q -c", "zstd -q -c --no-check"])
    func truncated(command: String) throws {
        let bytes = try StreamFormat.zstd.compress(Array("hello, hello, hello, hello".utf8), command)
        for count in 1..<bytes.count {
            let failure = StreamFormat.zstd.decompress(Array(bytes.prefix(count))).failure
            #expect(failure?.code == .zstdMalformed)
            #expect(failure?.reason?.hasPrefix("it ends too early") == true, "\(failure?.reason ?? "none")")
        }
        #expect(StreamFormat.zstd.decompress([]).failure?.reason == "it is empty, at byte 0")
        #expect(
            StreamFormat.zstd.decompress(Array(Self.skippable([1, 2, 3]).dropLast())).failure?.code == .zstdMalformed
        )
    }

    @Test("a wrong checksum is refused", arguments: 1...4)
    func checksum(fromEnd: Int) throws {
        var bytes = try StreamFormat.zstd.compress(sampleText)
        bytes[bytes.count - fromEnd] ^= 0x10
        let failure = try #require(StreamFormat.zstd.decompress(bytes).failure)
        #expect(failure.code == .zstdMalformed)
        #expect(failure.code.category == .verification)
        #expect(failure.reason?.hasPrefix("the library says `Restored data doesn't match checksum`, at byte ") == true)
    }

    @Test(
        "what is not zstd is refused",
        arguments: [
            ([UInt8]("plain text".utf8), "it does not begin like one, at byte 0"),
            ([0x1F, 0x8B, 8, 0], "it is gzip, at byte 0"),
            // The format of version 0.7.
            ([0x27, 0xB5, 0x2F, 0xFD, 0], "it does not begin like one, at byte 0"),
        ]
    )
    func otherFormat(bytes: [UInt8], reason: String) {
        let failure = StreamFormat.zstd.decompress(bytes).failure
        #expect(failure?.code == .zstdMalformed)
        #expect(failure?.reason == reason)
    }

    @Test("a window of 128 MiB is read, and a larger one or a dictionary is refused")
    func window() throws {
        // A frame header with a window descriptor of 2^(10 + exponent), and one empty last block.
        func frame(exponent: UInt8) -> [UInt8] { [0x28, 0xB5, 0x2F, 0xFD, 0, exponent << 3, 1, 0, 0] }
        #expect(try StreamFormat.zstd.decompress(frame(exponent: 17)).get() == [])
        for exponent in [18, 21, 31] as [UInt8] {
            #expect(StreamFormat.zstd.decompress(frame(exponent: exponent)).failure?.code == .zstdUnsupported)
        }
        let dictionary: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 1, 0, 77, 1, 0, 0]
        #expect(StreamFormat.zstd.decompress(dictionary).failure?.code == .zstdUnsupported)
    }

    @Test("the source has been read to its end when the reader has", arguments: [1, 100, .max])
    func sourceDrained(piece: Int) throws {
        let bytes = try StreamFormat.zstd.compress(sampleText) + Self.skippable([1])
        var reader = try ZstdReader(PieceSource(bytes, piece: piece), limit: 1 << 30)
        let text = try reader.readToEnd()
        let source = reader.takeSource()
        #expect(text == sampleText)
        #expect(source.position == bytes.count)
        #expect(source.hasEnded)
    }
}
