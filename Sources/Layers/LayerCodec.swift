import Archive
import Diagnostics
package import OCI

/// How the blocks of a layer's tar become the layer's blob. Its raw value is what `--compression` takes.
///
/// Another format is one more case here, and a `LayerFormat` in a file of its own.
package enum LayerCodec: String, Hashable, Encodable, Sendable, CaseIterable {
    case gzip
    case zstd
    case zstdChunked = "zstd:chunked"
    case estargz

    /// The codecs that write layers of `mediaType`: which of them wrote one is not in its media type.
    package static func writing(_ mediaType: MediaType) -> [LayerCodec] {
        allCases.filter { $0.mediaType == mediaType }
    }

    /// The codec that `text`, a `LayerCompression.description` of any version, names; `nil` if it names another.
    package init?(describedBy text: String) {
        guard let codec = Self.allCases.first(where: { text.hasPrefix($0.format.name + " ") }) else { return nil }
        self = codec
    }

    private var format: any LayerFormat.Type {
        switch self {
        case .gzip: GzipLayer.self
        case .zstd: ZstdLayer.self
        case .zstdChunked: ZstdChunkedLayer.self
        case .estargz: EstargzLayer.self
        }
    }

    package var mediaType: MediaType { format.mediaType }
    /// The compression levels, from the fastest to the smallest.
    package var levels: ClosedRange<Int> { format.levels }
    /// The level of layers for which the user chooses none.
    package var usualLevel: Int { format.usualLevel }
    /// The level of layers that many images share.
    package var sharedLevel: Int { format.sharedLevel }
    /// The name and version of what decides the bytes.
    var engine: String { "\(format.name) \(format.version)" }
    var header: [UInt8] { format.header }

    /// Whether the blob has a table of the files in it, by which a part of it can be fetched: every file is compressed by
    /// itself.
    package var isIndexed: Bool { format.index != nil }
    /// How an indexed blob's stretches are cut; `nil` if blocks are not cut.
    var index: LayerIndexStyle? { format.index }
    /// Whether the layer's tar is that which other codecs compress. An index that is a file of the tar makes another.
    package var keepsTar: Bool { format.index?.isInTar != true }

    func tail(after state: LayerState) -> [UInt8] { format.tail(after: state) }

    func indexTail(of index: LayerIndex) throws(Diagnostic) -> LayerTail { try format.indexTail(of: index) }

    /// The largest blob that a tar of `size` bytes can become, in bytes, without its index.
    package func largestBlob(of size: Int64) -> Int64 { format.largestBlob(of: size) }

    func compressors(level: Int) -> any BlockCompressors { format.compressors(level: level) }

    func expand(_ block: [UInt8], size: Int) -> [UInt8]? { format.expand(block, size: size) }
}

/// The format of a layer's blob: a header, blocks that are compressed each by itself, and a tail.
protocol LayerFormat {
    static var mediaType: MediaType { get }
    static var levels: ClosedRange<Int> { get }
    static var usualLevel: Int { get }
    static var sharedLevel: Int { get }
    /// What decides the bytes, without its version.
    static var name: String { get }
    static var version: String { get }

    /// The bytes before the first block.
    static var header: [UInt8] { get }
    /// `nil` if the blob has no index.
    static var index: LayerIndexStyle? { get }

    /// The bytes behind the last block of a blob without index.
    static func tail(after state: LayerState) -> [UInt8]

    /// What stands behind the last block of a blob with an index.
    static func indexTail(of index: LayerIndex) throws(Diagnostic) -> LayerTail

    static func largestBlob(of size: Int64) -> Int64

    static func compressors(level: Int) -> any BlockCompressors

    /// The `size` bytes that a compressed block stands for; `nil` if it does not stand for exactly as many.
    static func expand(_ block: [UInt8], size: Int) -> [UInt8]?
}

extension LayerFormat {
    static var header: [UInt8] { [] }
    static var index: LayerIndexStyle? { nil }
    static func tail(after state: LayerState) -> [UInt8] { [] }

    static func indexTail(of index: LayerIndex) throws(Diagnostic) -> LayerTail {
        preconditionFailure("\(name) layers have no index")
    }
}

/// Compresses blocks, several at the same time.
protocol BlockCompressors: Sendable {
    /// - Parameter stretches: what is compressed by itself; empty to compress the block as one.
    func compress(_ block: [UInt8], _ stretches: [BlockStretch]) throws(Diagnostic) -> CompressedBlock
}

extension BlockCompressors {
    func compress(_ block: [UInt8]) throws(Diagnostic) -> [UInt8] { try compress(block, []).bytes }
}

/// A block as it is in the blob.
struct CompressedBlock: Sendable {
    let bytes: [UInt8]
    /// Its parts, in order; empty in a blob without index.
    var pieces: [BlockPiece] = []
}
