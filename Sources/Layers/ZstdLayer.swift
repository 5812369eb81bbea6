import Archive
import Diagnostics
import OCI

/// A layer as zstd frames, one for each block: all readers take frames that are laid end to end for one stream.
///
/// RFC 8878 § 3.
enum ZstdLayer: LayerFormat {
    static let mediaType = MediaType.layerTarZstd
    static let levels = ZstdCompressor.levels
    static let usualLevel = 3
    static let sharedLevel = 9
    static let name = ZstdCompressor.library
    static let version = ZstdCompressor.version

    /// A frame stores what it cannot compress, with a few bytes for each 128 KiB.
    static func largestBlob(of size: Int64) -> Int64 { GzipLayer.largestBlob(of: size) }

    static func compressors(level: Int) -> any BlockCompressors { Compressors(idle: IdleCompressors(level: level)) }

    static func expand(_ block: [UInt8], size: Int) -> [UInt8]? { ZstdFrames.expanded(block, size: size) }

    struct Compressors: BlockCompressors {
        let idle: IdleCompressors<ZstdCompressor>

        func compress(_ block: [UInt8], _ stretches: [BlockStretch]) throws(Diagnostic) -> CompressedBlock {
            try idle.use { compressor throws(Diagnostic) in
                try CompressedBlock(block, stretches, withChecksums: true, bound: { ZstdCompressor.bound($0) }) {
                    plain,
                    output throws(Diagnostic) in try compressor.compress(plain, into: output)
                }
            }
        }
    }
}
