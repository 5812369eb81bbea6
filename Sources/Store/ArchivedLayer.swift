import Archive
import ByteIO
import Diagnostics
import OCI

/// A layer whose digests follow from its bytes: no document says what they should be.
struct ArchivedLayer: Sendable {
    let descriptor: Descriptor
    let diffID: DiffID

    /// Reads all of the layer. Whether it is compressed shows in its first bytes: there is no media type.
    init(reading extent: FileExtent) throws(Diagnostic) {
        let subject = Diagnostic.Subject.file(path: extent.path.display)
        let source = DigestingSource(ExtentSource(extent))
        let encoding = LayerEncoding(magic: try extent.read(at: 0, count: 4)) ?? .plain
        let (blob, tar): (Digest, Digest)
        switch encoding {
        case .gzip:
            var reader = DigestingSource(try GzipReader(source, limit: LayerLimits.largestTar, at: subject))
            _ = try reader.skip(.max)
            (tar, blob) = reader.finish { $0.takeSource().finish { _ in }.digest }
        case .zstd:
            var reader = DigestingSource(try ZstdReader(source, limit: LayerLimits.largestTar, at: subject))
            _ = try reader.skip(.max)
            (tar, blob) = reader.finish { $0.takeSource().finish { _ in }.digest }
        case .plain:
            var reader = source
            _ = try reader.skip(.max)
            blob = reader.finish { _ in }.digest
            tar = blob
        }
        descriptor = Descriptor(mediaType: encoding.mediaType, digest: blob, size: extent.size)
        diffID = DiffID(tar)
    }
}

/// A stretch of a file, from its first byte.
private struct ExtentSource: ByteSource {
    private let extent: FileExtent
    private var position: Int64 = 0

    init(_ extent: FileExtent) { self.extent = extent }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        let count = try extent.read(into: buffer, at: position)
        position += Int64(count)
        return count
    }
}

/// Bytes that are digested while they pass.
private struct DigestingSource<Source: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private var source: Source
    private var hasher = SHA256Hasher()

    init(_ source: consuming Source) { self.source = source }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        let count = try source.read(into: buffer)
        hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }

    /// The digest of what has passed, and what `body` makes of the source.
    consuming func finish<Result>(_ body: (consuming Source) -> Result) -> (digest: Digest, Result) {
        (hasher.finalize(), body(source))
    }
}
