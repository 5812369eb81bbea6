import ByteIO
import CLzma
import Diagnostics

/// liblzma's state and its input buffer.
struct XzDecoder: ~Copyable {
    enum Outcome {
        case goesOn
        /// All streams, and the padding between and after them, have been read.
        case ended
        /// Nothing came, and nothing was used.
        case stuck
        case malformed(String)
        case unsupported(String)
        case outOfMemory
    }

    /// What the decoder may use; `xz -9` needs 65 MiB.
    private static let memoryLimit: UInt64 = 128 << 20

    // liblzma's state belongs to one lzma_stream, which therefore stays at one address.
    private let stream: UnsafeMutablePointer<lzma_stream>
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled: Int64 = 0

    /// Nil if there is not enough memory.
    init?() {
        let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)
        stream.initialize(to: lzma_stream())
        guard coracle_xz_decoder(stream, Self.memoryLimit) == LZMA_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
        buffer = .allocate(byteCount: 65536, alignment: 16)
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
        buffer.deallocate()
    }

    var isInputEmpty: Bool { stream.pointee.avail_in == 0 }

    /// How many compressed bytes have been used.
    var position: Int64 { filled - Int64(stream.pointee.avail_in) }

    /// Replaces the input, all of which has been used; returns the number of bytes, 0 at the source's end.
    mutating func refill<Source: ByteSource & ~Copyable>(from source: inout Source) throws(Diagnostic) -> Int {
        let count = try source.read(into: buffer)
        filled += Int64(count)
        stream.pointee.next_in = UnsafePointer(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = count
        return count
    }

    /// Decompresses into `output`, which is not empty; `isLast` says that no input comes after what is there.
    mutating func step(into output: UnsafeMutableRawBufferPointer, isLast: Bool) -> (outcome: Outcome, count: Int) {
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = output.count
        let result = lzma_code(stream, isLast ? LZMA_FINISH : LZMA_RUN)
        let count = output.count - stream.pointee.avail_out
        return (Self.outcome(result), count)
    }

    private static func outcome(_ result: lzma_ret) -> Outcome {
        switch result {
        case LZMA_OK: .goesOn
        case LZMA_STREAM_END: .ended
        case LZMA_BUF_ERROR: .stuck
        case LZMA_FORMAT_ERROR: .malformed("it does not begin like one")
        // Also for what follows the last stream.
        case LZMA_DATA_ERROR: .malformed("its compressed data is invalid, or something else follows its end")
        case LZMA_OPTIONS_ERROR: .unsupported("it uses options that are not known")
        case LZMA_UNSUPPORTED_CHECK: .unsupported("its kind of checksum is not known")
        case LZMA_MEMLIMIT_ERROR: .unsupported("its dictionary needs more than \(memoryLimit >> 20) MiB of memory")
        case LZMA_MEM_ERROR: .outOfMemory
        default: .malformed("the library ends with status \(result.rawValue)")
        }
    }
}
