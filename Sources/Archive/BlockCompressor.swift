import CDeflate
package import Diagnostics

/// Compresses blocks of bytes so that their streams, laid end to end, are one raw deflate stream.
///
/// Each block is compressed on its own by libdeflate, which always marks its last deflate block as final; the mark is
/// taken off and an empty stored block brings the stream to a whole byte (RFC 1951 § 3.2.4). So a block's bytes depend on
/// that block alone: blocks can be compressed in any order, by any number of threads, or copied from an earlier stream.
package struct BlockCompressor: ~Copyable {
    /// What ends a stream of such blocks: an empty stored block that is final.
    package static let terminator: [UInt8] = [0x01, 0x00, 0x00, 0xFF, 0xFF]

    /// The library that decides the bytes.
    package static let library = "libdeflate"
    package static let version = LIBDEFLATE_VERSION_STRING
    static let engine = "\(library) \(version)"

    private let compressor: OpaquePointer
    private let level: Int

    /// - Parameter level: 1 (fastest) to 12 (smallest).
    package init(level: Int) {
        // Only a level out of range or a machine without memory gives nil.
        guard (1...12).contains(level), let compressor = libdeflate_alloc_compressor(Int32(level)) else {
            fatalError("no deflate compressor for level \(level)")
        }
        self.compressor = compressor
        self.level = level
    }

    deinit { libdeflate_free_compressor(compressor) }

    /// The compressed form of `block`, which must not be empty.
    ///
    /// - Throws: `gzip.compressor-disagrees` if the compressed bytes are not a stream of the block's size.
    package func compress(_ block: UnsafeRawBufferPointer) throws(Diagnostic) -> [UInt8] {
        let bound = libdeflate_deflate_compress_bound(compressor, block.count)
        var boundary: DeflateBoundary?
        let stream = [UInt8](unsafeUninitializedCapacity: bound + DeflateBoundary.readableSlack) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            let size = libdeflate_deflate_compress(compressor, block.baseAddress, block.count, start, bound)
            // The walk reads the slack; what it holds does not matter, but it must have been written once.
            (start + size).initialize(repeating: 0, count: DeflateBoundary.readableSlack)
            boundary =
                LastBlockSearch(start, count: size, of: block).run() ?? DeflateBoundary(of: start, count: size)
            guard let boundary else { return }
            start[boundary.lastBlock / 8] &= ~(1 << UInt8(boundary.lastBlock % 8))
            count = size + Self.align(start, size, endingAt: boundary.end)
        }
        guard let boundary, boundary.outputSize == block.count else {
            throw Diagnostic(
                .gzipCompressorDisagrees,
                "the compressor gave bytes that are not the block they stand for",
                because: "\(Self.engine) level \(level): \(block.count) bytes went in, the stream holds "
                    + (boundary.map { "\($0.outputSize)" } ?? "no whole deflate stream"),
                hint: "this is a bug, or a faulty machine: please report it with the library's version"
            )
        }
        return stream
    }

    /// Writes the empty stored block; returns how many bytes it added.
    private static func align(_ stream: UnsafeMutablePointer<UInt8>, _ size: Int, endingAt end: Int) -> Int {
        // Its three header bits are zero, as the bits that fill up the last byte are: they fit there, or need a byte.
        let headerBytes = (size * 8 - end) >= 3 ? 0 : 1
        let suffix = stream + size
        if headerBytes == 1 { suffix[0] = 0 }
        suffix[headerBytes] = 0
        suffix[headerBytes + 1] = 0
        suffix[headerBytes + 2] = 0xFF
        suffix[headerBytes + 3] = 0xFF
        return headerBytes + 4
    }
}

extension Diagnostic.Code {
    package static let gzipCompressorDisagrees = Self("gzip.compressor-disagrees", .bug)
}
