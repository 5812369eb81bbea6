import Archive
import ByteIO
import Diagnostics
import TestSupport
import Testing

/// A format that is decompressed, and the program that writes it.
enum StreamFormat: String, CaseIterable, CustomTestStringConvertible {
    case gzip, xz, zstd

    var testDescription: String { rawValue }

    /// `bytes` compressed by `command`; by default as strongly as the program usually does.
    func compress(_ bytes: [UInt8], _ command: String? = nil) throws -> [UInt8] {
        let usual =
            switch self {
            case .gzip: "gzip -9n"
            case .xz: "xz -6 -c"
            case .zstd: "zstd -q -c"
            }
        let outcome = try Command("sh", ["-c", command ?? usual], input: bytes).run()
        try #require(outcome.exitCode == 0)
        return outcome.outputBytes
    }

    var malformed: Diagnostic.Code {
        switch self {
        case .gzip: .gzipMalformed
        case .xz: .xzMalformed
        case .zstd: .zstdMalformed
        }
    }

    var tooLarge: Diagnostic.Code {
        switch self {
        case .gzip: .gzipTooLarge
        case .xz: .xzTooLarge
        case .zstd: .zstdTooLarge
        }
    }

    /// What comes of `bytes`, or what is thrown.
    func decompress(
        _ bytes: [UInt8],
        piece: Int = .max,
        by size: Int = 10000,
        limit: Int64 = 1 << 40
    ) -> Result<[UInt8], Diagnostic> {
        do throws(Diagnostic) {
            return .success(try read(PieceSource(bytes, piece: piece), by: size, limit: limit).bytes)
        } catch {
            return .failure(error)
        }
    }

    /// Reads everything, and gives the source back.
    func read(_ source: PieceSource, by size: Int = 10000, limit: Int64 = 1 << 40) throws(Diagnostic) -> Reading {
        switch self {
        case .gzip: try Reading(GzipReader(source, limit: limit), by: size)
        case .xz: try Reading(XzReader(source, limit: limit), by: size)
        case .zstd: try Reading(ZstdReader(source, limit: limit), by: size)
        }
    }

    /// The failures of three reads of `bytes`, one after the other, by one reader.
    func failures(_ bytes: [UInt8], at subject: Diagnostic.Subject) throws(Diagnostic) -> [Diagnostic?] {
        switch self {
        case .gzip: failuresOfReads(try GzipReader(MemorySource(bytes), limit: 10, at: subject))
        case .xz: failuresOfReads(try XzReader(MemorySource(bytes), limit: 10, at: subject))
        case .zstd: failuresOfReads(try ZstdReader(MemorySource(bytes), limit: 10, at: subject))
        }
    }

    private func failuresOfReads<Codec: DecompressionCodec & ~Copyable>(
        _ reader: consuming DecompressingSource<MemorySource, Codec>
    ) -> [Diagnostic?] {
        var failures = [Diagnostic?]()
        for _ in 0..<3 {
            do throws(Diagnostic) {
                _ = try reader.readToEnd()
                failures.append(nil)
            } catch {
                failures.append(error)
            }
        }
        return failures
    }
}

/// What was decompressed, and where the source was then.
struct Reading {
    let bytes: [UInt8]
    let position: Int
    let hasSourceEnded: Bool

    init<Codec: DecompressionCodec & ~Copyable>(
        _ reader: consuming DecompressingSource<PieceSource, Codec>,
        by size: Int
    ) throws(Diagnostic) {
        bytes = try reader.readToEnd(by: size)
        let source = reader.takeSource()
        position = source.position
        hasSourceEnded = source.hasEnded
    }
}

/// 300 kB of lines that compress, with some that do not.
let sampleText: [UInt8] = {
    var random = Pseudorandom(seed: 7)
    return (0..<10000).flatMap { number in
        Array("line \(number): \(number % 7 == 0 ? String(random.next(), radix: 36) : "the same again")\n".utf8)
    }
}()

extension Result where Failure == Diagnostic {
    var failure: Diagnostic? {
        guard case .failure(let diagnostic) = self else { return nil }
        return diagnostic
    }
}

@Suite("Decompressing any format")
struct DecompressionTests {
    @Test(
        "a stream gives its bytes in whatever pieces it comes",
        arguments: StreamFormat.allCases,
        [1, 7, 512, 65536, .max]
    )
    func pieces(format: StreamFormat, piece: Int) throws {
        let text = Array(sampleText.prefix(piece == 1 ? 20000 : .max))
        #expect(try format.decompress(format.compress(text), piece: piece).get() == text)
    }

    @Test("a stream gives its bytes into buffers of any size", arguments: StreamFormat.allCases, [1, 10000, 1 << 20])
    func buffers(format: StreamFormat, size: Int) throws {
        let text = Array(sampleText.prefix(size == 1 ? 20000 : .max))
        #expect(try format.decompress(format.compress(text), by: size).get() == text)
    }

    @Test("an empty file that was compressed is empty again", arguments: StreamFormat.allCases)
    func nothing(format: StreamFormat) throws {
        #expect(try format.decompress(format.compress([])).get() == [])
    }

    @Test("incompressible bytes of more than one buffer come back", arguments: StreamFormat.allCases)
    func incompressible(format: StreamFormat) throws {
        var random = Pseudorandom(seed: 1)
        let bytes = (0..<400_000).map { _ in UInt8(truncatingIfNeeded: random.next() >> 20) }
        #expect(try format.decompress(format.compress(bytes)).get() == bytes)
    }

    @Test("several streams are read as one", arguments: StreamFormat.allCases, [1, 5, .max])
    func streams(format: StreamFormat, piece: Int) throws {
        let (a, b) = (Array(sampleText.prefix(3000)), Array(sampleText.suffix(5000)))
        let bytes = try format.compress(a) + format.compress([]) + format.compress(b)
        #expect(try format.decompress(bytes, piece: piece).get() == a + b)
    }

    @Test("a stream that is cut at any byte ends too early", arguments: StreamFormat.allCases)
    func truncated(format: StreamFormat) throws {
        let bytes = try format.compress(Array("hello, hello, hello, hello".utf8))
        for count in 1..<bytes.count {
            let failure = format.decompress(Array(bytes.prefix(count))).failure
            #expect(failure?.code == format.malformed, "after \(count) bytes")
            #expect(failure?.reason?.hasPrefix("it ends too early, at byte ") == true, "after \(count) bytes")
        }
    }

    @Test("an empty source is not a stream", arguments: StreamFormat.allCases)
    func emptySource(format: StreamFormat) {
        let failure = format.decompress([]).failure
        #expect(failure?.code == format.malformed)
        #expect(failure?.reason == "it is empty, at byte 0")
    }

    @Test(
        "bytes that are not a stream of the format are refused",
        arguments: StreamFormat.allCases,
        ["plain text", "!<arch>\ndebian-binary", "\u{FD}7zXZ but not these bytes", "\0\0\0\0\0\0\0\0"]
    )
    func otherFormat(format: StreamFormat, text: String) {
        #expect(format.decompress(Array(text.utf8)).failure?.code == format.malformed)
    }

    @Test("a stream of another format is refused", arguments: StreamFormat.allCases, StreamFormat.allCases)
    func confused(format: StreamFormat, other: StreamFormat) throws {
        let result = try format.decompress(other.compress(sampleText))
        #expect(format == other ? result.failure == nil : result.failure?.code == format.malformed)
    }

    @Test(
        "exactly as many bytes as the limit come out, and one byte more is refused",
        arguments: StreamFormat.allCases,
        [1, 4096, 1 << 20]
    )
    func limit(format: StreamFormat, size: Int) throws {
        let bytes = try format.compress(sampleText)
        let count = Int64(sampleText.count)
        #expect(try format.decompress(bytes, by: size, limit: count).get() == sampleText)
        let failure = format.decompress(bytes, by: size, limit: count - 1).failure
        #expect(failure?.code == format.tooLarge)
        #expect(failure?.reason == "it decompresses to more than \(count - 1) bytes")
        #expect(format.decompress(bytes, by: size, limit: 0).failure?.code == format.tooLarge)
        #expect(try format.decompress(format.compress([]), by: size, limit: 0).get() == [])
    }

    @Test(
        "a bomb is stopped at the limit",
        arguments: [(StreamFormat.gzip, "gzip -9n"), (.xz, "xz -1 -c"), (.zstd, "zstd -q -19 -c")]
    )
    func bomb(format: StreamFormat, command: String) throws {
        let bytes = try format.compress([], "head -c 50000000 /dev/zero | \(command)")
        #expect(bytes.count < 60000)
        #expect(format.decompress(bytes, limit: 1_000_000).failure?.code == format.tooLarge)
    }

    @Test("after a failure every read fails in the same way", arguments: StreamFormat.allCases)
    func failsAgain(format: StreamFormat) throws {
        let failures = try format.failures(Array("nonsense".utf8), at: .blob("sha256:0"))
        #expect(failures.map(\.?.code) == [format.malformed, format.malformed, format.malformed])
        #expect(failures.allSatisfy { $0?.subject == .blob("sha256:0") })
    }

    @Test("the source has been read to its end when the reader has", arguments: StreamFormat.allCases, [1, 100, .max])
    func sourceEnd(format: StreamFormat, piece: Int) throws {
        let bytes = try format.compress(sampleText)
        let reading = try format.read(PieceSource(bytes, piece: piece))
        #expect(reading.bytes == sampleText)
        #expect(reading.position == bytes.count)
        #expect(reading.hasSourceEnded)
    }

    @Test(
        "bytes changed in any place give the same content or a failure, never a crash, a loop or other content",
        .timeLimit(.minutes(1)),
        arguments: StreamFormat.allCases
    )
    func mutations(format: StreamFormat) throws {
        let text = Array(sampleText.prefix(2000))
        let original = try format.compress(text) + format.compress(text)
        var random = Pseudorandom(seed: 42)
        var refused = 0
        for round in 0..<4000 {
            var bytes = original
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            if round % 5 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
            switch format.decompress(bytes, limit: 1 << 20) {
            // The first stream alone is whole, too, and a zstd frame that became skippable has nothing in it.
            case .success(let result):
                let isPart = result == text + text || result == text || (format == .zstd && result.isEmpty)
                #expect(isPart, "round \(round)")
            case .failure(let failure):
                #expect(failure.code.category == .verification)
                refused += 1
            }
        }
        #expect(refused > 3000)
    }
}
