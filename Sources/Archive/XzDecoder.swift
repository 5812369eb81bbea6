package import ByteIO
import CLzma
package import Diagnostics

/// The decompressed bytes of an xz file, whose streams are read as one. The checks of all blocks and indexes are verified.
///
/// Fails with `xz.malformed` for bytes that are not an xz stream, a truncated one, a wrong check, or anything but padding
/// after the last stream; with `xz.unsupported` for filters or checks that are not known and for a dictionary that needs
/// more than 128 MiB; with `xz.too-large`.
///
/// The .xz File Format, version 1.2.1.
package typealias XzReader<Source: ByteSource & ~Copyable> = DecompressingSource<Source, XzDecoder>

/// liblzma's state.
package struct XzDecoder: DecompressionCodec, ~Copyable {
    package static let format = CompressionFormat(
        name: "xz",
        malformed: .xzMalformed,
        tooLarge: .xzTooLarge,
        unsupported: .xzUnsupported
    )

    /// Memory that the decoder may use, in bytes; `xz -9` needs 65 MiB.
    private static let memoryLimit: UInt64 = 128 << 20

    private let state: LibraryState<lzma_stream>
    private var hasEnded = false

    package init?() {
        guard
            let state = LibraryState(
                lzma_stream(),
                begin: { coracle_xz_decoder($0, Self.memoryLimit) == LZMA_OK },
                end: { lzma_end($0) }
            )
        else { return nil }
        self.state = state
    }

    package mutating func decompress<Source: ByteSource & ~Copyable>(
        _ input: inout CompressedInput,
        from source: inout Source,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionProblem) -> Int {
        let stream = state.pointer
        while !hasEnded {
            if input.isEmpty, !input.hasEnded { _ = try input.refill(from: &source) }
            let available = input.bytes.count
            stream.pointee.next_in = input.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_in = available
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = output.count
            let result = lzma_code(stream, input.hasEnded ? LZMA_FINISH : LZMA_RUN)
            input.use(available - stream.pointee.avail_in)
            switch result {
            case LZMA_OK: break
            // All streams, and the padding between and after them, have been read.
            case LZMA_STREAM_END: hasEnded = true
            case LZMA_BUF_ERROR:
                // Without input to go on with, a decoder may stand still once; with some it may not.
                guard input.isEmpty else { throw .malformed("its compressed data is invalid") }
                guard !input.hasEnded else { throw input.endProblem }
            default: throw Self.problem(result)
            }
            let count = output.count - stream.pointee.avail_out
            if count > 0 { return count }
        }
        return 0
    }

    private static func problem(_ result: lzma_ret) -> DecompressionProblem {
        switch result {
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

extension Diagnostic.Code {
    package static let xzMalformed = Self("xz.malformed", .verification)
    package static let xzTooLarge = Self("xz.too-large", .verification)
    package static let xzUnsupported = Self("xz.unsupported", .verification)
}
