import ByteIO
import Diagnostics

/// A source read 64 KiB at a time, with the number of bytes taken from it.
struct TarReadBuffer<Source: ByteSource & ~Copyable>: ~Copyable {
    private var source: Source
    private let storage: Storage
    /// The part of the storage that is filled and not yet taken.
    private var filled = 0..<0
    /// How many bytes have been taken or skipped.
    private(set) var position: Int64 = 0

    /// Memory of its own, so that the buffer as a whole needs no deinit and can give its source back.
    private struct Storage: ~Copyable {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 16)
        deinit { bytes.deallocate() }
    }

    init(_ source: consuming Source) {
        self.source = source
        storage = Storage()
    }

    consuming func takeSource() -> Source { source }

    /// Fills the front of `buffer`, which is not empty, and returns how many bytes came; 0 at the end only.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        var count = 0
        if filled.isEmpty, buffer.count >= storage.bytes.count {
            count = try source.read(into: buffer)
        } else if try fill() {
            count = min(filled.count, buffer.count)
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage.bytes[filled.prefix(count)]))
            filled = filled.dropFirst(count)
        }
        position += Int64(count)
        return count
    }

    /// The next `count` bytes; `nil` if the source ends before.
    mutating func take(_ count: Int) throws(Diagnostic) -> [UInt8]? {
        var bytes = [UInt8]()
        // The claimed size is not trusted: memory is taken as the bytes come.
        bytes.reserveCapacity(min(count, storage.bytes.count))
        while bytes.count < count {
            guard try fill() else { return nil }
            let part = filled.prefix(count - bytes.count)
            bytes += storage.bytes[part]
            filled = filled.dropFirst(part.count)
            position += Int64(part.count)
        }
        return bytes
    }

    /// Skips `count` bytes, or all if there are fewer; returns how many there were.
    mutating func skip(_ count: Int64) throws(Diagnostic) -> Int64 {
        var rest = count
        // A long way is left to the source, which may know a shorter one than reading.
        if rest > Int64(filled.count + storage.bytes.count) {
            position += Int64(filled.count)
            rest -= Int64(filled.count)
            filled = 0..<0
            let skipped = try source.skip(rest)
            position += skipped
            return count - rest + skipped
        }
        while rest > 0, try fill() {
            let part = Int(min(Int64(filled.count), rest))
            filled = filled.dropFirst(part)
            position += Int64(part)
            rest -= Int64(part)
        }
        return count - rest
    }

    /// Sees to it that there are bytes in the storage; false at the end.
    private mutating func fill() throws(Diagnostic) -> Bool {
        guard filled.isEmpty else { return true }
        filled = 0..<(try source.read(into: storage.bytes))
        return !filled.isEmpty
    }
}
