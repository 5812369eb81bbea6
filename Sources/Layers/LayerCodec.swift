import Archive
import Diagnostics
package import OCI

/// How the blocks of a layer's tar become the layer's blob.
///
/// Another format is one more case here, and a `LayerFormat` in a file of its own.
package enum LayerCodec: Hashable, Sendable, CaseIterable {
    case gzip

    /// The codec that writes layers of `mediaType`; `nil` if there is none.
    package init?(_ mediaType: MediaType) {
        guard let codec = Self.allCases.first(where: { $0.mediaType == mediaType }) else { return nil }
        self = codec
    }

    private var format: any LayerFormat.Type {
        switch self {
        case .gzip: GzipLayer.self
        }
    }

    package var mediaType: MediaType { format.mediaType }
    /// The compression levels, from the fastest to the smallest.
    package var levels: ClosedRange<Int> { format.levels }
    /// The name and version of the library that decides the bytes.
    var engine: String { format.engine }
    var header: [UInt8] { format.header }

    func tail(after state: LayerState) -> [UInt8] { format.tail(after: state) }

    /// The largest blob that a tar of `size` bytes can become, in bytes.
    package func largestBlob(of size: Int64) -> Int64 { format.largestBlob(of: size) }

    func compressors(level: Int) -> any BlockCompressors { format.compressors(level: level) }

    func expand(_ block: [UInt8], size: Int) -> [UInt8]? { format.expand(block, size: size) }
}

/// The format of a layer's blob: a header, blocks that are compressed each by itself, and a tail.
protocol LayerFormat {
    static var mediaType: MediaType { get }
    static var levels: ClosedRange<Int> { get }
    static var engine: String { get }

    /// The bytes before the first block.
    static var header: [UInt8] { get }

    /// The bytes behind the last block.
    static func tail(after state: LayerState) -> [UInt8]

    static func largestBlob(of size: Int64) -> Int64

    static func compressors(level: Int) -> any BlockCompressors

    /// The `size` bytes that a compressed block stands for; `nil` if it does not stand for exactly as many.
    static func expand(_ block: [UInt8], size: Int) -> [UInt8]?
}

/// Compresses blocks, several at the same time.
protocol BlockCompressors: Sendable {
    func compress(_ block: [UInt8]) throws(Diagnostic) -> [UInt8]
}
