import Archive
import ByteIO
import Diagnostics
import TestSupport
import Testing

@Suite("Reading gzip")
struct GzipReaderTests {
    /// 300 kB of lines that compress, with some that do not.
    static let text: [UInt8] = {
        var random = Pseudorandom(seed: 7)
        return (0..<10000).flatMap { number in
            Array("line \(number): \(number % 7 == 0 ? String(random.next(), radix: 36) : "the same again")\n".utf8)
        }
    }()

    static func gzip(_ bytes: [UInt8], _ command: String = "gzip -9n") throws -> [UInt8] {
        let outcome = try Command("sh", ["-c", command], input: bytes).run()
        try #require(outcome.exitCode == 0)
        return outcome.outputBytes
    }

    /// What comes of `bytes`, or the code of what is thrown.
    static func inflate(
        _ bytes: [UInt8],
        piece: Int = .max,
        by size: Int = 10000,
        limit: Int64 = 1 << 40
    ) -> Result<[UInt8], Diagnostic> {
        do throws(Diagnostic) {
            var reader = try GzipReader(PieceSource(bytes, piece: piece), limit: limit)
            return .success(try reader.readToEnd(by: size))
        } catch {
            return .failure(error)
        }
    }

    @Test(
        "one member gives its bytes, however they are read",
        arguments: [1, 7, 512, 65536, .max],
        [1, 10000, 1 << 20]
    )
    func member(piece: Int, size: Int) throws {
        let text = Array(Self.text.prefix(size == 1 || piece == 1 ? 20000 : .max))
        #expect(try Self.inflate(Self.gzip(text), piece: piece, by: size).get() == text)
    }

    @Test("nothing compressed gives nothing")
    func nothing() throws {
        #expect(try Self.inflate(Self.gzip([])).get() == [])
    }

    @Test("incompressible bytes of more than one buffer come back")
    func incompressible() throws {
        var random = Pseudorandom(seed: 1)
        let bytes = (0..<200_000).map { _ in UInt8(truncatingIfNeeded: random.next() >> 20) }
        #expect(try Self.inflate(Self.gzip(bytes)).get() == bytes)
    }

    @Test("several members are read as one", arguments: [1, 5, .max])
    func members(piece: Int) throws {
        let (a, b) = (Array(Self.text.prefix(3000)), Array(Self.text.suffix(5000)))
        let bytes = try Self.gzip(a) + Self.gzip([]) + Self.gzip(b, "gzip -1")
        #expect(try Self.inflate(bytes, piece: piece).get() == a + b)
    }

    @Test("a header with an extra field, a name, a comment and a checksum is read")
    func fullHeader() throws {
        let plain = try Self.gzip(Array("hello".utf8))
        var header: [UInt8] = [0x1F, 0x8B, 8, 0b11110, 1, 2, 3, 4, 0, 3, 4, 0, 0x41, 0x42, 0, 0]
        header += Array("name\0comment\0".utf8)
        let bytes = header + checksum(of: header).prefix(2) + plain[10...]
        #expect(try Self.inflate(bytes).get() == Array("hello".utf8))
        var wrong = bytes
        wrong[header.count] ^= 1
        #expect(Self.inflate(wrong).failure?.code == .gzipMalformed)
    }

    @Test("zeros after the last member are padding", arguments: [1, 511, 70000])
    func padding(count: Int) throws {
        let bytes = try Self.gzip(Array("hello".utf8)) + [UInt8](repeating: 0, count: count)
        #expect(try Self.inflate(bytes).get() == Array("hello".utf8))
    }

    @Test(
        "anything else after the last member is refused with its place",
        arguments: [[1], [0x1E], [0, 0, 0x1F, 0x8B]]
    )
    func trailingBytes(tail: [UInt8]) throws {
        let member = try Self.gzip(Array("hello".utf8))
        let failure = try #require(Self.inflate(member + tail).failure)
        #expect(failure.code == .gzipMalformed)
        let zeros = tail.prefix { $0 == 0 }.count
        #expect(failure.reason == "something else follows its end, at byte \(member.count + zeros)")
    }

    @Test("a second member that is not gzip is refused")
    func brokenMember() throws {
        let member = try Self.gzip(Array("hello".utf8))
        #expect(Self.inflate(member + [0x1F]).failure?.reason == "it ends too early, at byte \(member.count + 1)")
        #expect(Self.inflate(member + [0x1F, 0x8C, 8, 0]).failure?.code == .gzipMalformed)
    }

    @Test("a stream cut at any byte is refused")
    func truncated() throws {
        let bytes = try Self.gzip(Array("hello, hello, hello".utf8))
        for count in 1..<bytes.count {
            let failure = Self.inflate(Array(bytes.prefix(count))).failure
            #expect(failure?.code == .gzipMalformed)
            #expect(failure?.reason == "it ends too early, at byte \(count)")
        }
        #expect(Self.inflate([]).failure?.reason == "it is empty, at byte 0")
    }

    @Test("a wrong checksum or size is refused", arguments: 1...8)
    func trailer(fromEnd: Int) throws {
        var bytes = try Self.gzip(Self.text)
        bytes[bytes.count - fromEnd] ^= 0x10
        let failure = try #require(Self.inflate(bytes).failure)
        #expect(failure.code == .gzipMalformed)
        #expect(failure.code.category == .verification)
        let check = fromEnd > 4 ? "data" : "length"
        #expect(failure.reason?.hasPrefix("zlib says `incorrect \(check) check`, at byte ") == true)
    }

    @Test("what is not gzip is refused", arguments: [[UInt8]("plain text".utf8), [0x78, 0x9C, 3, 0, 0, 0, 0, 1], [0]])
    func otherFormat(bytes: [UInt8]) {
        #expect(Self.inflate(bytes).failure?.code == .gzipMalformed)
    }

    @Test("exactly as much as the limit comes out, and one byte more is refused", arguments: [1, 4096, 1 << 20])
    func limit(size: Int) throws {
        let bytes = try Self.gzip(Self.text)
        let count = Int64(Self.text.count)
        #expect(try Self.inflate(bytes, by: size, limit: count).get() == Self.text)
        #expect(Self.inflate(bytes, by: size, limit: count - 1).failure?.code == .gzipTooLarge)
        #expect(Self.inflate(bytes, by: size, limit: 0).failure?.code == .gzipTooLarge)
        #expect(try Self.inflate(Self.gzip([]), by: size, limit: 0).get() == [])
    }

    @Test("a bomb is stopped at the limit")
    func bomb() throws {
        let bytes = try Command.shell("head -c 50000000 /dev/zero | gzip -9n").run().outputBytes
        #expect(bytes.count < 60000)
        #expect(Self.inflate(bytes, limit: 1_000_000).failure?.code == .gzipTooLarge)
    }

    @Test("after a failure every read fails in the same way")
    func failsAgain() throws {
        var reader = try GzipReader(MemorySource(Array("nonsense".utf8)), limit: 10, at: .blob("sha256:0"))
        for _ in 0..<3 {
            var failure: Diagnostic?
            do throws(Diagnostic) { _ = try reader.readToEnd() } catch { failure = error }
            #expect(failure?.code == .gzipMalformed)
            #expect(failure?.subject == .blob("sha256:0"))
        }
    }

    @Test("the source has been read to its end when the reader has", arguments: [1, 100, .max])
    func sourceDrained(piece: Int) throws {
        let bytes = try Self.gzip(Self.text) + [0, 0, 0]
        var reader = try GzipReader(PieceSource(bytes, piece: piece), limit: 1 << 30)
        let text = try reader.readToEnd()
        let source = reader.takeSource()
        #expect(text == Self.text)
        #expect(source.position == bytes.count)
        #expect(source.hasEnded)
    }

    @Test("bytes changed in any place give the same content or a failure, never a crash or other content")
    func mutations() throws {
        let text = Array(Self.text.prefix(2000))
        let original = try Self.gzip(text) + Self.gzip(text, "gzip -1n")
        var random = Pseudorandom(seed: 42)
        var refused = 0
        for round in 0..<4000 {
            var bytes = original
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            if round % 5 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
            switch Self.inflate(bytes, limit: 1 << 20) {
            // The first member alone is a whole stream too.
            case .success(let result): #expect(result == text + text || result == text)
            case .failure(let failure):
                #expect(failure.code.category == .verification)
                refused += 1
            }
        }
        #expect(refused > 3500)
    }
}

extension Result where Failure == Diagnostic {
    var failure: Diagnostic? {
        guard case .failure(let diagnostic) = self else { return nil }
        return diagnostic
    }
}

/// The CRC-32 of `bytes`, little-endian.
private func checksum(of bytes: [UInt8]) -> ArraySlice<UInt8> {
    var trailer = GzipMember.Trailer()
    bytes.withUnsafeBytes { trailer.update($0) }
    return trailer.bytes.prefix(4)
}
