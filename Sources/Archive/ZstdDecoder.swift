package import ByteIO
import CZstd
package import Diagnostics

/// The decompressed bytes of a zstd stream, whose frames are read as one.
///
/// Checksums are verified where frames have them. Skippable frames, as of seekable and chunked variants, are passed over.
/// Fails with `zstd.malformed` for bytes that are not a zstd stream, a truncated one, or a wrong checksum; with
/// `zstd.unsupported` for a window of more than 128 MiB or a dictionary; with `zstd.too-large`.
///
/// RFC 8878.
package typealias ZstdReader<Source: ByteSource & ~Copyable> = DecompressingSource<Source, ZstdDecoder>

/// The library's state.
package struct ZstdDecoder: DecompressionCodec, ~Copyable {
    package static let format = CompressionFormat(
        name: "zstd",
        malformed: .zstdMalformed,
        tooLarge: .zstdTooLarge,
        unsupported: .zstdUnsupported
    )

    private enum Place {
        /// Before a frame, or at the end.
        case gap
        case frame
        case end
    }

    /// The base-two logarithm of the largest window, in bytes: 128 MiB, which the strongest common level uses.
    private static let largestWindow: Int32 = 27

    private let context: OpaquePointer
    private var place = Place.gap

    package init?() {
        guard let context = ZSTD_createDCtx() else { return nil }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.largestWindow)
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    package mutating func decompress<Source: ByteSource & ~Copyable>(
        _ input: inout CompressedInput,
        from source: inout Source,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionProblem) -> Int {
        while place != .end {
            if place == .gap {
                try beginFrame(&input, from: &source)
            } else {
                let count = try decompressFrame(&input, from: &source, into: output)
                if count > 0 { return count }
            }
        }
        return 0
    }

    /// Decides by the first four bytes what comes.
    private mutating func beginFrame<Source: ByteSource & ~Copyable>(
        _ input: inout CompressedInput,
        from source: inout Source
    ) throws(DecompressionProblem) {
        while input.bytes.count < 4, try input.refill(from: &source) {}
        let magic = Array(input.bytes.prefix(4))
        if magic.isEmpty {
            guard input.position > 0 else { throw .empty }
            place = .end
        } else if magic == [0x28, 0xB5, 0x2F, 0xFD] || Self.isSkippable(magic) {
            place = .frame
        } else if magic.count < 4 {
            throw .truncated
        } else {
            // The library may know formats older than RFC 8878 by other magic numbers; they are no longer written.
            guard input.position == 0 else { throw .malformed("something else follows its end") }
            throw .malformed(magic.starts(with: [0x1F, 0x8B]) ? "it is gzip" : "it does not begin like one")
        }
    }

    private static func isSkippable(_ magic: [UInt8]) -> Bool {
        magic.count == 4 && magic[0] & 0xF0 == 0x50 && magic[1...].elementsEqual([0x2A, 0x4D, 0x18])
    }

    /// Decompresses what input there is, or what is left from earlier input; 0 if nothing came of it yet.
    private mutating func decompressFrame<Source: ByteSource & ~Copyable>(
        _ input: inout CompressedInput,
        from source: inout Source,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionProblem) -> Int {
        let bytes = input.bytes
        var from = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(context, &target, &from)
        input.use(from.pos)
        guard ZSTD_isError(result) == 0 else { throw Self.problem(result) }
        if result == 0 {
            place = .gap
        } else if target.pos == 0, from.pos == 0 {
            // The decoder has no more to give: it needs input, of which every byte must bring it forward.
            guard input.isEmpty else { throw .malformed("its compressed data is invalid") }
            guard try input.refill(from: &source) else { throw .truncated }
        }
        return target.pos
    }

    private static func problem(_ result: Int) -> DecompressionProblem {
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_memory_allocation: .outOfMemory
        case ZSTD_error_frameParameter_windowTooLarge: .unsupported("it needs a window of more than 128 MiB")
        case ZSTD_error_dictionary_wrong: .unsupported("it needs a dictionary")
        default: .malformed("the library says `\(String(cString: ZSTD_getErrorName(result)))`")
        }
    }
}

extension Diagnostic.Code {
    package static let zstdMalformed = Self("zstd.malformed", .verification)
    package static let zstdTooLarge = Self("zstd.too-large", .verification)
    package static let zstdUnsupported = Self("zstd.unsupported", .verification)
}
