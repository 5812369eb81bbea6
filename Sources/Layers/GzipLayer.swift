import Archive
import OCI

/// A layer as one gzip member, whose blocks are pieces of one deflate stream.
enum GzipLayer: LayerFormat {
    static let mediaType = MediaType.layerTarGzip
    static let levels = 1...12
    static var engine: String { BlockCompressor.engine }
    static var header: [UInt8] { GzipMember.header }

    static func tail(after state: LayerState) -> [UInt8] {
        BlockCompressor.terminator + GzipMember.trailer(state.checksum, size: state.plainSize)
    }

    /// Deflate stores what it cannot compress, with five bytes for each 64 KiB, and a block ends on a whole byte.
    static func largestBlob(of size: Int64) -> Int64 {
        let (limit, overflow) = size.addingReportingOverflow(size / 64 + 65536)
        return overflow ? .max : limit
    }

    static func compressors(level: Int) -> any BlockCompressors { IdleCompressors(level: level) }

    static func expand(_ block: [UInt8], size: Int) -> [UInt8]? { BlockExpander().expand(block, size: size) }
}
