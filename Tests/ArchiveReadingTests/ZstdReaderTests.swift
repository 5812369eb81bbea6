import Archive
import ByteIO
import Diagnostics
import TestSupport
import Testing

@Suite("Reading zstd")
struct ZstdReaderTests {
    private static let text = GzipReaderTests.text

    static func zstd(_ bytes: [UInt8], _ command: String = "zstd -q -c") throws -> [UInt8] {
        let outcome = try Command("sh", ["-c", command], input: bytes).run()
        try #require(outcome.exitCode == 0)
        return outcome.outputBytes
    }

    /// What comes of `bytes`, or what is thrown.
    static func decompress(
        _ bytes: [UInt8],
        piece: Int = .max,
        by size: Int = 10000,
        limit: Int64 = 1 << 40
    ) -> Result<[UInt8], Diagnostic> {
        do throws(Diagnostic) {
            var reader = try ZstdReader(PieceSource(bytes, piece: piece), limit: limit)
            return .success(try reader.readToEnd(by: size))
        } catch {
            return .failure(error)
        }
    }

    /// A skippable frame, as chunked images have at their end.
    private static func skippable(_ content: [UInt8], _ number: UInt8 = 0) -> [UInt8] {
        [0x50 | number, 0x2A, 0x4D, 0x18, UInt8(content.count & 0xFF), UInt8(content.count >> 8), 0, 0] + content
    }

    @Test(
        "one frame gives its bytes, however they are read",
        arguments: [1, 7, 512, 65536, .max],
        [1, 10000, 1 << 20]
    )
    func frame(piece: Int, size: Int) throws {
        let text = Array(Self.text.prefix(size == 1 || piece == 1 ? 20000 : .max))
        #expect(try Self.decompress(Self.zstd(text), piece: piece, by: size).get() == text)
    }

    @Test(
        "every level and option that people use is read",
        arguments: [
            "-1", "-19", "--ultra -22", "--long=27", "--no-check", "--fast=5",
            "--rsyncable -T2",
        ]
    )
    func options(option: String) throws {
        #expect(try Self.decompress(Self.zstd(Self.text, "zstd -q -c \(option)")).get() == Self.text)
    }

    @Test("nothing compressed gives nothing")
    func nothing() throws {
        #expect(try Self.decompress(Self.zstd([])).get() == [])
    }

    @Test("incompressible bytes of more than one buffer come back")
    func incompressible() throws {
        var random = Pseudorandom(seed: 1)
        let bytes = (0..<400_000).map { _ in UInt8(truncatingIfNeeded: random.next() >> 20) }
        #expect(try Self.decompress(Self.zstd(bytes)).get() == bytes)
    }

    @Test("several frames are read as one, and skippable ones are passed over", arguments: [1, 5, .max])
    func frames(piece: Int) throws {
        let (a, b) = (Array(Self.text.prefix(3000)), Array(Self.text.suffix(5000)))
        let bytes =
            try Self.skippable([1, 2, 3], 15) + Self.zstd(a) + Self.zstd([]) + Self.skippable([])
            + Self.zstd(b, "zstd -q -c -1")
            + Self.skippable([UInt8](repeating: 0x28, count: 1000), 7)
        #expect(try Self.decompress(bytes, piece: piece).get() == a + b)
        #expect(try Self.decompress(Self.skippable([9, 9]), piece: piece).get() == [])
    }

    @Test(
        "anything else after the last frame is refused with its place",
        arguments: [
            [1, 2, 3, 4], [0, 0, 0, 0], [0x1F, 0x8B, 8, 0], [0xFD, 0x2F, 0xB5, 0x27, 0], [0x60, 0x2A, 0x4D, 0x18],
        ]
    )
    func trailingBytes(tail: [UInt8]) throws {
        let frame = try Self.zstd(Array("hello".utf8))
        let failure = try #require(Self.decompress(frame + tail).failure)
        #expect(failure.code == .zstdMalformed)
        #expect(failure.reason == "something else follows its end, at byte \(frame.count)")
    }

    @Test("a stream cut at any byte is refused", arguments: ["zstd -q -c", "zstd -q -c --no-check"])
    func truncated(command: String) throws {
        let bytes = try Self.zstd(Array("hello, hello, hello, hello".utf8), command)
        for count in 1..<bytes.count {
            let failure = Self.decompress(Array(bytes.prefix(count))).failure
            #expect(failure?.code == .zstdMalformed)
            #expect(failure?.reason?.hasPrefix("it ends too early") == true, "\(failure?.reason ?? "none")")
        }
        #expect(Self.decompress([]).failure?.reason == "it is empty, at byte 0")
        #expect(Self.decompress(Array(Self.skippable([1, 2, 3]).dropLast())).failure?.code == .zstdMalformed)
    }

    @Test("a wrong checksum is refused", arguments: 1...4)
    func checksum(fromEnd: Int) throws {
        var bytes = try Self.zstd(Self.text)
        bytes[bytes.count - fromEnd] ^= 0x10
        let failure = try #require(Self.decompress(bytes).failure)
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
        let failure = Self.decompress(bytes).failure
        #expect(failure?.code == .zstdMalformed)
        #expect(failure?.reason == reason)
    }

    @Test("a window of 128 MiB is read, and a larger one or a dictionary is refused")
    func window() throws {
        // A frame header with a window descriptor of 2^(10 + exponent), and one empty last block.
        func frame(exponent: UInt8) -> [UInt8] { [0x28, 0xB5, 0x2F, 0xFD, 0, exponent << 3, 1, 0, 0] }
        #expect(try Self.decompress(frame(exponent: 17)).get() == [])
        for exponent in [18, 21, 31] as [UInt8] {
            #expect(Self.decompress(frame(exponent: exponent)).failure?.code == .zstdUnsupported)
        }
        let dictionary: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 1, 0, 77, 1, 0, 0]
        #expect(Self.decompress(dictionary).failure?.code == .zstdUnsupported)
    }

    @Test("exactly as much as the limit comes out, and one byte more is refused", arguments: [1, 4096, 1 << 20])
    func limit(size: Int) throws {
        let bytes = try Self.zstd(Self.text)
        let count = Int64(Self.text.count)
        #expect(try Self.decompress(bytes, by: size, limit: count).get() == Self.text)
        #expect(Self.decompress(bytes, by: size, limit: count - 1).failure?.code == .zstdTooLarge)
        #expect(Self.decompress(bytes, by: size, limit: 0).failure?.code == .zstdTooLarge)
        #expect(try Self.decompress(Self.zstd([]), by: size, limit: 0).get() == [])
    }

    @Test("a bomb is stopped at the limit")
    func bomb() throws {
        let bytes = try Command.shell("head -c 50000000 /dev/zero | zstd -q -19 -c").run().outputBytes
        #expect(bytes.count < 60000)
        #expect(Self.decompress(bytes, limit: 1_000_000).failure?.code == .zstdTooLarge)
    }

    @Test("after a failure every read fails in the same way")
    func failsAgain() throws {
        var reader = try ZstdReader(MemorySource(Array("nonsense".utf8)), limit: 10, at: .blob("sha256:0"))
        for _ in 0..<3 {
            var failure: Diagnostic?
            do throws(Diagnostic) { _ = try reader.readToEnd() } catch { failure = error }
            #expect(failure?.code == .zstdMalformed)
            #expect(failure?.subject == .blob("sha256:0"))
        }
    }

    @Test("the source has been read to its end when the reader has", arguments: [1, 100, .max])
    func sourceDrained(piece: Int) throws {
        let bytes = try Self.zstd(Self.text) + Self.skippable([1])
        var reader = try ZstdReader(PieceSource(bytes, piece: piece), limit: 1 << 30)
        let text = try reader.readToEnd()
        let source = reader.takeSource()
        #expect(text == Self.text)
        #expect(source.position == bytes.count)
        #expect(source.hasEnded)
    }

    @Test(
        "bytes changed in any place give the same content or a failure, never a crash or a loop",
        .timeLimit(.minutes(1))
    )
    func mutations() throws {
        let text = Array(Self.text.prefix(2000))
        let original = try Self.zstd(text) + Self.zstd(text, "zstd -q -c -1")
        var random = Pseudorandom(seed: 42)
        var refused = 0
        for round in 0..<4000 {
            var bytes = original
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            if round % 5 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
            switch Self.decompress(bytes, limit: 1 << 20) {
            // The first frame alone is a whole stream too, and one that became skippable has nothing in it.
            case .success(let result): #expect([text + text, text, []].contains(result), "round \(round)")
            case .failure(let failure):
                #expect(failure.code.category == .verification)
                refused += 1
            }
        }
        #expect(refused > 3000)
    }
}
