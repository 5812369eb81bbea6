import Archive
import ByteIO
import Diagnostics

/// The decompressors: whatever the bytes are, what comes out is within the limit and does not depend on how the bytes
/// arrive.
enum CompressionProbe {
    private static let limit: Int64 = 1 << 20

    static func gzip(_ bytes: [UInt8]) {
        check(bytes) { source throws(Diagnostic) in Outcome(of: try GzipReader(source, limit: limit)) }
        // The stream inside, without the checksum that keeps most damage from getting this far.
        let stream = Array(bytes.dropFirst(10))
        (stream + [UInt8](repeating: 0, count: DeflateBoundary.readableSlack)).withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            guard let boundary = DeflateBoundary(of: start, count: stream.count) else { return }
            require(boundary.lastBlock < boundary.end, "a last block ends before it begins")
            require(boundary.end <= stream.count * 8, "a stream ends behind its bytes")
        }
        let expander = BlockExpander()
        for size in [0, 1, 100, 65536] { _ = expander.expand(stream, size: size) }
    }

    static func xz(_ bytes: [UInt8]) {
        check(bytes) { source throws(Diagnostic) in Outcome(of: try XzReader(source, limit: limit)) }
    }

    static func zstd(_ bytes: [UInt8]) {
        check(bytes) { source throws(Diagnostic) in Outcome(of: try ZstdReader(source, limit: limit)) }
    }

    private static func check(_ bytes: [UInt8], _ read: (ChoppedSource) throws(Diagnostic) -> Outcome) {
        func outcome(_ most: Int) -> Outcome {
            (try? read(ChoppedSource(bytes, most: most))) ?? .refused
        }
        let whole = outcome(.max)
        require(whole.bytes.count <= limit, "more than the limit comes out")
        for most in [1, 7] { require(outcome(most) == whole, "what comes out depends on how the bytes arrive") }
    }
}
