import Diagnostics
import ELF

/// A file whose bytes are in memory already.
struct ElfBytes: ElfSource {
    private let content: [UInt8]

    init(_ content: [UInt8]) { self.content = content }

    var size: Int64 { Int64(content.count) }

    /// - Throws: `elf.truncated` if the range is not inside the content.
    func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= size, Int64(count) <= size - offset else {
            throw Diagnostic(.elfTruncated, "there are no \(count) bytes at \(offset): the file has \(size)")
        }
        return Array(content[Int(offset)..<Int(offset) + count])
    }
}
