package import Archive
import ByteIO
package import Diagnostics
package import OCI
package import Store

/// A layer read from its first byte to its last, with everything about it verified on the way.
package struct LayerScan: Sendable {
    /// What the tar's digest turned out to be.
    package let diffID: DiffID
    /// Of the tar, in bytes.
    package let size: Int64

    // Deflate expands a thousandfold at most, and nothing of a layer is kept: this bounds the time, not the memory.
    private static let largestTar: Int64 = 1 << 40

    /// Reads `layer`, and shows its entries to `visit` in order.
    ///
    /// - Throws: `layer.…`, `blob.…`, `gzip.…`, `zstd.…`, `tar.…`, and what `visit` throws.
    package init(
        _ layer: Descriptor,
        in source: ImageSource,
        visit: (TarRecord) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        try self.init(layer, in: try source.blob(layer), reading: { _ in nil }) { record, _ throws(Diagnostic) in
            try visit(record)
        }
    }

    /// Reads the bytes that `blob` has of `layer`, and shows to `visit` its entries in order, each with its content where
    /// `limit` says how many bytes of it are wanted at most.
    ///
    /// - Throws: `layer.…`, `blob.…`, `gzip.…`, `zstd.…`, `tar.…`, and what `visit` throws.
    package init(
        _ layer: Descriptor,
        in blob: LocalBlob,
        reading limit: (TarRecord) -> Int?,
        visit: (TarRecord, [UInt8]?) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        let subject = Diagnostic.Subject.blob(layer.digest.description)
        try LayerEncoding.check(layer, beginningWith: try blob.read(at: 0, count: 4))
        let blob = try blob.open()
        if layer.mediaType.isGzipLayer {
            let tar = try GzipReader(blob, limit: Self.largestTar, at: subject)
            self = try Self.scan(HashingSource(tar), subject, limit, visit)
        } else if layer.mediaType.isZstdLayer {
            let tar = try ZstdReader(blob, limit: Self.largestTar, at: subject)
            self = try Self.scan(HashingSource(tar), subject, limit, visit)
        } else if layer.mediaType == .layerTar {
            self = try Self.scan(HashingSource(blob), subject, limit, visit)
        } else {
            throw Diagnostic(
                .layerUnsupported,
                "a layer is of a kind that cannot be read",
                at: subject,
                because: "its media type is `\(layer.mediaType.rawValue)`",
                hint: "layers that are a tar, plain or compressed with gzip or zstd, can be read"
            )
        }
    }

    private init(diffID: DiffID, size: Int64) {
        self.diffID = diffID
        self.size = size
    }

    private static func scan<Source: ByteSource & ~Copyable>(
        _ source: consuming HashingSource<Source>,
        _ subject: Diagnostic.Subject,
        _ limit: (TarRecord) -> Int?,
        _ visit: (TarRecord, [UInt8]?) throws(Diagnostic) -> Void
    ) throws(Diagnostic) -> LayerScan {
        var reader = TarReader(source, at: subject)
        while let record = try reader.next() {
            if let limit = limit(record), record.size <= Int64(limit) {
                try visit(record, try reader.readContent(limit: limit))
            } else {
                try visit(record, nil)
            }
        }
        try reader.drain()
        let hashed = reader.takeSource()
        let size = hashed.size
        return LayerScan(diffID: DiffID(hashed.finalize()), size: size)
    }
}

/// Bytes that are counted and digested while they pass.
private struct HashingSource<Source: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private var source: Source
    private var hasher = SHA256Hasher()
    private(set) var size: Int64 = 0

    init(_ source: consuming Source) { self.source = source }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        let count = try source.read(into: buffer)
        hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        size += Int64(count)
        return count
    }

    consuming func finalize() -> Digest { hasher.finalize() }
}

extension Diagnostic.Code {
    package static let layerUnsupported = Self("layer.unsupported", .verification)
}
