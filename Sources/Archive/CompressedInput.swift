import ByteIO
import Diagnostics

/// Compressed bytes that were read and are not used yet.
package struct CompressedInput: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled = 0..<0
    /// Number of bytes used so far.
    private(set) var position: Int64 = 0
    /// Whether the source has no more bytes.
    private(set) var hasEnded = false

    init() { buffer = .allocate(byteCount: 1 << 17, alignment: 16) }

    deinit { buffer.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[filled]) }
    var isEmpty: Bool { filled.isEmpty }

    /// Adds bytes of `source` to those that are not used yet, which do not fill the buffer; `false` at the source's end.
    mutating func refill<Source: ByteSource & ~Copyable>(
        from source: inout Source
    ) throws(DecompressionProblem) -> Bool {
        if filled.lowerBound > 0 {
            buffer.copyMemory(from: bytes)
            filled = 0..<filled.count
        }
        let count: Int
        do throws(Diagnostic) {
            count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled.upperBound...]))
        } catch {
            throw .source(error)
        }
        filled = 0..<(filled.upperBound + count)
        hasEnded = count == 0
        return count > 0
    }

    /// Marks the first `count` bytes as used.
    mutating func use(_ count: Int) {
        filled = (filled.lowerBound + count)..<filled.upperBound
        position += Int64(count)
    }

    /// What is wrong if the source ends here, where the stream needs more.
    var endProblem: DecompressionProblem { position == 0 && isEmpty ? .empty : .truncated }
}
