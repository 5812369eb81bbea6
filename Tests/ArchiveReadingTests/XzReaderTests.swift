import Archive
import ByteIO
import Diagnostics
import TestSupport
import Testing

@Suite("Reading xz")
struct XzReaderTests {
    static let text = GzipReaderTests.text

    static func xz(_ bytes: [UInt8], _ command: String = "xz -6 -c") throws -> [UInt8] {
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
            var reader = try XzReader(PieceSource(bytes, piece: piece), limit: limit)
            return .success(try reader.readToEnd(by: size))
        } catch {
            return .failure(error)
        }
    }

    static func code(_ result: Result<[UInt8], Diagnostic>) -> Diagnostic.Code? {
        if case .failure(let error) = result { error.code } else { nil }
    }

    @Test(
        "one stream gives its bytes, however they are read and written",
        arguments: [1, 7, 65536, .max],
        ["xz -6 -c", "xz -0 -c --check=none", "xz -9e -c --check=sha256", "xz -T2 --block-size=50000 -c"]
    )
    func stream(piece: Int, command: String) throws {
        #expect(try Self.decompress(Self.xz(Self.text, command), piece: piece).get() == Self.text)
    }

    @Test("nothing compressed gives nothing")
    func nothing() throws {
        #expect(try Self.decompress(Self.xz([])).get() == [])
    }

    @Test("several streams, with padding between and after them, are read as one", arguments: [0, 4, 512])
    func streams(padding: Int) throws {
        let (a, b) = (Array(Self.text.prefix(3000)), Array(Self.text.suffix(5000)))
        let zeros = [UInt8](repeating: 0, count: padding)
        let bytes = try Self.xz(a) + zeros + Self.xz([]) + Self.xz(b, "xz -1 -c") + zeros
        #expect(try Self.decompress(bytes, piece: 5).get() == a + b)
    }

    @Test("a stream cut off anywhere is damaged", arguments: [0, 1, 5, 11, 12, 13, 100, 1000, -1, -4, -12, -13])
    func truncated(length: Int) throws {
        let whole = try Self.xz(Self.text)
        let bytes = Array(length > 0 || length == 0 ? whole.prefix(length) : whole.dropLast(-length))
        #expect(Self.code(Self.decompress(bytes)) == .xzMalformed)
    }

    @Test("a changed bit is noticed wherever it is")
    func mutated() throws {
        let whole = try Self.xz(Array(Self.text.prefix(2000)))
        for offset in whole.indices {
            var bytes = whole
            bytes[offset] ^= 0x10
            guard case .failure(let error) = Self.decompress(bytes) else {
                Issue.record("byte \(offset) was changed and nothing was noticed")
                continue
            }
            #expect([.xzMalformed, .xzUnsupported].contains(error.code), "at byte \(offset)")
        }
    }

    @Test(
        "bytes that are not xz are reported as such",
        arguments: ["hello, this is text", "!<arch>\ndebian-binary", "\u{FD}7zXZ but not these bytes"]
    )
    func foreign(text: String) throws {
        guard case .failure(let error) = Self.decompress(Array(text.utf8)) else {
            Issue.record("it was read")
            return
        }
        #expect(error.code == .xzMalformed)
        #expect(error.reason?.hasPrefix("it does not begin like one") == true)
    }

    @Test(
        "anything but padding after the last stream is refused",
        arguments: [[0, 0, 0], [0, 0, 0, 0, 1], Array("junk".utf8)]
    )
    func trailing(junk: [UInt8]) throws {
        #expect(try Self.code(Self.decompress(Self.xz([1, 2, 3]) + junk)) == .xzMalformed)
    }

    @Test("as many bytes as allowed come out, and one more does not")
    func limit() throws {
        let bytes = try Self.xz(Self.text)
        #expect(try Self.decompress(bytes, limit: Int64(Self.text.count)).get() == Self.text)
        #expect(Self.code(Self.decompress(bytes, limit: Int64(Self.text.count) - 1)) == .xzTooLarge)
    }

    @Test("a bomb ends at the limit")
    func bomb() throws {
        let bytes = try Self.xz([], "head -c 200000000 /dev/zero | xz -1 -c")
        #expect(bytes.count < 100_000)
        #expect(Self.code(Self.decompress(bytes, by: 1 << 20, limit: 1 << 20)) == .xzTooLarge)
    }

    @Test("a dictionary of more memory than allowed is refused before it is used")
    func memory() throws {
        let bytes = try Self.xz([1, 2, 3], "xz --lzma2=dict=512MiB -c")
        #expect(Self.code(Self.decompress(bytes)) == .xzUnsupported)
    }

    @Test("the source has been read to its end when the reader is at its")
    func sourceEnd() throws {
        let bytes = try Self.xz(Self.text)
        var reader = try XzReader(PieceSource(bytes, piece: 100), limit: 1 << 40)
        _ = try reader.readToEnd()
        let source = reader.takeSource()
        #expect(source.hasEnded)
        #expect(source.position == bytes.count)
    }
}
