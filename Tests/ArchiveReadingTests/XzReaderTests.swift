import Archive
import ByteIO
import Diagnostics
import TestSupport
import Testing

@Suite("Reading xz")
struct XzReaderTests {
    @Test(
        "one stream gives its bytes, however they are read and written",
        arguments: [1, 7, 65536, .max],
        ["xz -6 -c", "xz -0 -c --check=none", "xz -9e -c --check=sha256", "xz -T2 --block-size=50000 -c"]
    )
    func stream(piece: Int, command: String) throws {
        #expect(
            try StreamFormat.xz.decompress(StreamFormat.xz.compress(sampleText, command), piece: piece).get()
                == sampleText
        )
    }

    @Test("several streams, with padding between and after them, are read as one", arguments: [0, 4, 512])
    func streams(padding: Int) throws {
        let (a, b) = (Array(sampleText.prefix(3000)), Array(sampleText.suffix(5000)))
        let zeros = [UInt8](repeating: 0, count: padding)
        let bytes =
            try StreamFormat.xz.compress(a) + zeros + StreamFormat.xz.compress([])
            + StreamFormat.xz.compress(b, "xz -1 -c") + zeros
        #expect(try StreamFormat.xz.decompress(bytes, piece: 5).get() == a + b)
    }

    @Test("a stream cut off anywhere is damaged", arguments: [0, 1, 5, 11, 12, 13, 100, 1000, -1, -4, -12, -13])
    func truncated(length: Int) throws {
        let whole = try StreamFormat.xz.compress(sampleText)
        let bytes = Array(length > 0 || length == 0 ? whole.prefix(length) : whole.dropLast(-length))
        #expect(StreamFormat.xz.decompress(bytes).failure?.code == .xzMalformed)
    }

    @Test("a changed bit is noticed wherever it is")
    func mutated() throws {
        let whole = try StreamFormat.xz.compress(Array(sampleText.prefix(2000)))
        for offset in whole.indices {
            var bytes = whole
            bytes[offset] ^= 0x10
            guard case .failure(let error) = StreamFormat.xz.decompress(bytes) else {
                Issue.record("byte \(offset) was changed and nothing was noticed")
                continue
            }
            #expect([.xzMalformed, .xzUnsupported].contains(error.code), "at byte \(offset)")
        }
    }

    @Test(
        "text is not taken for xz",
        arguments: ["hello, this is text", "!<arch>\ndebian-binary", "\u{FD}7zXZ but not these bytes"]
    )
    func text(text: String) throws {
        guard case .failure(let error) = StreamFormat.xz.decompress(Array(text.utf8)) else {
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
        #expect(
            try StreamFormat.xz.decompress(StreamFormat.xz.compress([1, 2, 3]) + junk).failure?.code == .xzMalformed
        )
    }

    @Test("a dictionary of more memory than allowed is refused before it is used")
    func memory() throws {
        let bytes = try StreamFormat.xz.compress([1, 2, 3], "xz --lzma2=dict=512MiB -c")
        #expect(StreamFormat.xz.decompress(bytes).failure?.code == .xzUnsupported)
    }
}
