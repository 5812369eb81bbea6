import Archive
import ByteIO
import Diagnostics

/// A tar, as it is and once more with correct checksums, which damaged bytes rarely have.
enum TarProbe {
    static func read(_ bytes: [UInt8]) {
        let mended = withChecksums(bytes)
        for bytes in mended == bytes ? [bytes] : [bytes, mended] {
            let whole = Listing(of: MemorySource(bytes))
            require(Listing(of: ChoppedSource(bytes, most: 13)) == whole, "a tar depends on how its bytes arrive")
        }
    }

    /// `bytes`, with the checksum of each block that could be a header set to what it should be.
    static func withChecksums(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for start in stride(from: 0, to: max(0, bytes.count - 511), by: 512) where bytes[start] != 0 {
            guard bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) else { continue }
            let field = start + 148..<start + 156
            var sum = 8 * 0x20
            for index in start..<start + 512 where !field.contains(index) { sum += Int(bytes[index]) }
            let digits = String(sum, radix: 8)
            let text = String(repeating: "0", count: 6 - digits.count) + digits + "\0 "
            bytes.replaceSubrange(field, with: text.utf8)
        }
        return bytes
    }

    /// What was read, and why reading ended.
    private struct Listing: Hashable {
        var records: [TarRecord] = []
        var contents: [[UInt8]] = []
        var refusal: Diagnostic.Code?

        init<Source: ByteSource & ~Copyable>(of source: consuming Source) {
            var reader = TarReader(source)
            do throws(Diagnostic) {
                while let record = try reader.next() {
                    records.append(record)
                    // Every other content is skipped instead.
                    guard records.count % 2 == 1, record.size <= 4096 else { continue }
                    let content = try reader.readContent(limit: 4096)
                    require(Int64(content.count) == record.size, "an entry's content is not as long as its size")
                    contents.append(content)
                }
                try reader.drain()
            } catch {
                refusal = error.code
            }
        }
    }
}
