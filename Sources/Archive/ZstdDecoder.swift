import ByteIO
import CZstd
import Diagnostics

/// The library's state and its input buffer.
struct ZstdDecoder: ~Copyable {
    enum Outcome {
        case goesOn
        /// The frame has been decompressed and all of it was handed out.
        case frameEnded
        case failed(Problem)
    }

    enum Problem {
        case malformed(String)
        case unsupported(String)
        case outOfMemory
    }

    /// The base-two logarithm of the largest window, in bytes: 128 MiB, which the strongest common level uses.
    private static let largestWindow: Int32 = 27

    private let context: OpaquePointer
    private let buffer: UnsafeMutableRawBufferPointer
    /// The part of the buffer that is filled and not yet used.
    private var filled = 0..<0
    /// How many compressed bytes have been used.
    private(set) var position: Int64 = 0

    /// Nil if there is not enough memory.
    init?() {
        guard let context = ZSTD_createDCtx() else { return nil }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.largestWindow)
        self.context = context
        buffer = .allocate(byteCount: 1 << 17, alignment: 16)
    }

    deinit {
        ZSTD_freeDCtx(context)
        buffer.deallocate()
    }

    /// What has been read and not yet used.
    var input: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[filled]) }

    /// Adds to the input, which does not fill the buffer; returns the number of bytes, 0 at the source's end.
    mutating func refill<Source: ByteSource & ~Copyable>(from source: inout Source) throws(Diagnostic) -> Int {
        if filled.lowerBound > 0 {
            buffer.copyMemory(from: input)
            filled = 0..<filled.count
        }
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled.upperBound...]))
        filled = 0..<(filled.upperBound + count)
        return count
    }

    /// Decompresses into `output`, which is not empty; `count` is of bytes written to it, `consumed` of input used.
    mutating func step(into output: UnsafeMutableRawBufferPointer) -> (outcome: Outcome, count: Int, consumed: Int) {
        let input = input
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(context, &target, &source)
        filled = (filled.lowerBound + source.pos)..<filled.upperBound
        position += Int64(source.pos)
        if ZSTD_isError(result) != 0 { return (.failed(Self.problem(result)), 0, source.pos) }
        return (result == 0 ? .frameEnded : .goesOn, target.pos, source.pos)
    }

    private static func problem(_ result: Int) -> Problem {
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_memory_allocation: .outOfMemory
        case ZSTD_error_frameParameter_windowTooLarge: .unsupported("it needs a window of more than 128 MiB")
        case ZSTD_error_dictionary_wrong: .unsupported("it needs a dictionary")
        default: .malformed(String(cString: ZSTD_getErrorName(result)))
        }
    }
}
