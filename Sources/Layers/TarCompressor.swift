import Archive
package import ByteIO
package import Diagnostics
package import OCI

/// Compresses a tar that is there already: nothing of it is looked at, and its diffID stays.
package struct TarCompressor: Sendable {
    private let compression: LayerCompression
    private let width: Int

    /// - Parameters:
    ///   - codec: one without an index, which only knowing the entries can write.
    ///   - cores: how many blocks to work on at a time. It decides no byte of the output.
    package init(_ codec: LayerCodec, level: Int? = nil, cores: Int) {
        precondition(!codec.isIndexed, "\(codec.rawValue) layers are written from entries")
        compression = LayerCompression(codec, level: level)
        width = max(1, min(cores, 32)) * 2
    }

    /// For the image's records, e.g. `libzstd 1.5.4, level 3, blocks of 1024 KiB`.
    package var description: String {
        "\(compression.codec.engine), level \(compression.level), blocks of \(compression.blockSize >> 10) KiB"
    }

    /// Writes the bytes of `source`, compressed.
    ///
    /// - Throws: what `source` and `sink` throw.
    package func write<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        _ source: inout Source,
        to sink: inout Sink
    ) async throws(Diagnostic) -> WrittenLayer {
        let codec = compression.codec
        let compressors = codec.compressors(level: compression.level)
        var output = TarOutput(codec)
        try output.emit(codec.header, to: &sink)
        var isAtEnd = false
        while !isAtEnd {
            // A few blocks are read, then compressed side by side.
            var blocks = [[UInt8]]()
            while blocks.count < width, !isAtEnd {
                let block = try Self.block(of: &source, size: compression.blockSize)
                isAtEnd = block.count < compression.blockSize
                if !block.isEmpty { blocks.append(block) }
            }
            for block in blocks { output.count(block) }
            let compressed = try await concurrently(blocks, atMost: width) { block throws(Diagnostic) in
                try compressors.compress(block)
            }
            for bytes in compressed { try output.emit(bytes, to: &sink) }
        }
        return try output.finish(&sink)
    }

    /// The next `size` bytes; fewer at the end.
    private static func block<Source: ByteSource & ~Copyable>(
        of source: inout Source,
        size: Int
    ) throws(Diagnostic) -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled throws(Diagnostic) in
            let buffer = UnsafeMutableRawBufferPointer(buffer)
            while filled < size {
                let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                if count == 0 { break }
                filled += count
            }
        }
    }
}

/// The hashes and sizes of a layer that is written in order.
private struct TarOutput: ~Copyable {
    private let codec: LayerCodec
    private var diffID = SHA256Hasher()
    private var digest = SHA256Hasher()
    private var checksum = CRC32()
    private var plainSize: Int64 = 0
    private var compressedSize: Int64 = 0

    init(_ codec: LayerCodec) { self.codec = codec }

    mutating func count(_ plain: [UInt8]) {
        plain.withUnsafeBytes {
            diffID.update($0)
            checksum.update($0)
        }
        plainSize += Int64(plain.count)
    }

    mutating func emit<Sink: ByteSink & ~Copyable>(_ bytes: [UInt8], to sink: inout Sink) throws(Diagnostic) {
        bytes.withUnsafeBytes { digest.update($0) }
        try sink.write(bytes)
        compressedSize += Int64(bytes.count)
    }

    consuming func finish<Sink: ByteSink & ~Copyable>(_ sink: inout Sink) throws(Diagnostic) -> WrittenLayer {
        let state = LayerState(
            plainHash: diffID.midstate,
            plainSize: plainSize,
            checksum: checksum,
            compressedHash: digest.midstate,
            compressedSize: compressedSize
        )
        try emit(codec.tail(after: state), to: &sink)
        return WrittenLayer(
            descriptor: Descriptor(mediaType: codec.mediaType, digest: digest.finalize(), size: compressedSize),
            diffID: DiffID(diffID.finalize()),
            uncompressedSize: plainSize
        )
    }
}
