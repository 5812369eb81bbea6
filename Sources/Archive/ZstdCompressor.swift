import CZstd
package import Diagnostics

/// Compresses bytes to zstd frames, each by itself: frames that are laid end to end are one stream.
///
/// A frame depends on its bytes alone, so frames can be made in any order, by any number of threads, or copied from an
/// earlier stream.
///
/// RFC 8878 § 3.1.
package struct ZstdCompressor: ~Copyable {
    /// The library that decides the bytes.
    package static let library = "libzstd"
    /// Asked of the library that is linked: its macro is not visible here.
    package static let version = String(cString: ZSTD_versionString())
    private static let engine = "\(library) \(version)"
    /// From the fastest to the smallest. The library's levels above these only widen a window that is larger than a block.
    package static let levels = 1...19

    private let context: OpaquePointer

    /// - Parameter level: one of `levels`.
    package init(level: Int) {
        // Only a machine without memory gives nil.
        guard let context = ZSTD_createCCtx() else { fatalError("no memory for a zstd compressor") }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        // The digest of the whole guards the bytes.
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 0)
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1)
        self.context = context
    }

    deinit { ZSTD_freeCCtx(context) }

    /// The largest frame that `size` bytes can become, in bytes.
    package static func bound(_ size: Int) -> Int { ZSTD_compressBound(size) }

    /// Writes a frame of `plain` to the front of `output`, which has room for `bound` bytes; returns its size.
    ///
    /// - Throws: `zstd.compressor-failed`, for lack of memory.
    package func compress(
        _ plain: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(Diagnostic) -> Int {
        let size = ZSTD_compress2(context, output.baseAddress, output.count, plain.baseAddress, plain.count)
        guard ZSTD_isError(size) == 0 else {
            throw Diagnostic(
                .zstdCompressorFailed,
                "the compressor does not compress \(plain.count) bytes",
                because: "\(Self.engine) says `\(String(cString: ZSTD_getErrorName(size)))`",
                hint: "this is a bug, or a machine without memory: please report it with the library's version"
            )
        }
        return size
    }
}

/// Whole zstd frames in memory.
package enum ZstdFrames {
    /// The `size` bytes that `frames` stand for; `nil` if they do not stand for exactly as many.
    package static func expanded(_ frames: [UInt8], size: Int) -> [UInt8]? {
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let produced = ZSTD_decompress(buffer.baseAddress, size, frames, frames.count)
            isWhole = ZSTD_isError(produced) == 0 && produced == size
            // What was not written must not be looked at.
            count = isWhole ? size : 0
        }
        return isWhole ? bytes : nil
    }

    /// A frame that decompressors pass over, with `payload` in it.
    ///
    /// RFC 8878 § 3.1.2.
    package static func skippable(_ payload: [UInt8]) -> [UInt8] {
        let size = UInt32(truncatingIfNeeded: payload.count)
        return [0x50, 0x2A, 0x4D, 0x18] + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } + payload
    }

    /// Number of bytes of a skippable frame before its payload.
    package static let skippableHeader = 8
}

extension Diagnostic.Code {
    package static let zstdCompressorFailed = Self("zstd.compressor-failed", .bug)
}
