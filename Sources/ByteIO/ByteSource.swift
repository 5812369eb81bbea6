package import Diagnostics

/// Provides bytes in order.
package protocol ByteSource: ~Copyable {
    /// Fills the front of `buffer` and returns the number of bytes; 0 only at the end.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int

    /// Skips up to `count` bytes; returns how many were skipped, which is less only at the end.
    mutating func skip(_ count: Int64) throws(Diagnostic) -> Int64
}

extension ByteSource where Self: ~Copyable {
    /// Reads the bytes and drops them, for sources without a better way.
    package mutating func skip(_ count: Int64) throws(Diagnostic) -> Int64 {
        var skipped: Int64 = 0
        try withBuffer(of: 64 << 10) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
            while skipped < count {
                let wanted = Int(min(count - skipped, Int64(buffer.count)))
                let read = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
                if read == 0 { return }
                skipped += Int64(read)
            }
        }
        return skipped
    }
}

/// Bytes in memory.
package struct MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        let count = min(buffer.count, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}

/// Calls `body` with a buffer of `count` bytes whose content is undefined.
package func withBuffer<Result, Failure: Error>(
    of count: Int,
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
) throws(Failure) -> Result {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
    defer { buffer.deallocate() }
    return try body(buffer)
}
