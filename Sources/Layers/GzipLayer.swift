import Archive
import Diagnostics
import OCI

/// A layer as one gzip member, whose blocks are pieces of one deflate stream.
enum GzipLayer: LayerFormat {
    static let mediaType = MediaType.layerTarGzip
    static let levels = 1...12
    static let usualLevel = 2
    static let sharedLevel = 6
    static let name = BlockCompressor.library
    static let version = BlockCompressor.version
    static var header: [UInt8] { GzipMember.header }

    static func tail(after state: LayerState) -> [UInt8] {
        BlockCompressor.terminator + GzipMember.trailer(state.checksum, size: state.plainSize)
    }

    /// Deflate stores what it cannot compress, with five bytes for each 64 KiB, and a block ends on a whole byte.
    static func largestBlob(of size: Int64) -> Int64 {
        let (limit, overflow) = size.addingReportingOverflow(size / 64 + 65536)
        return overflow ? .max : limit
    }

    static func compressors(level: Int) -> any BlockCompressors { Compressors(idle: IdleCompressors(level: level)) }

    static func expand(_ block: [UInt8], size: Int) -> [UInt8]? { BlockExpander().expand(block, size: size) }

    private struct Compressors: BlockCompressors {
        let idle: IdleCompressors<BlockCompressor>

        func compress(_ block: [UInt8], _ stretches: [BlockStretch]) throws(Diagnostic) -> CompressedBlock {
            try idle.use { compressor throws(Diagnostic) in
                var result: Result<[UInt8], Diagnostic>?
                block.withUnsafeBytes { bytes in
                    do throws(Diagnostic) {
                        result = .success(try compressor.compress(bytes))
                    } catch {
                        result = .failure(error)
                    }
                }
                guard let result else { preconditionFailure("a block without result") }
                return CompressedBlock(bytes: try result.get())
            }
        }
    }
}
