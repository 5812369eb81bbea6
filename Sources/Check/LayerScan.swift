package import Archive
package import ByteIO
package import Diagnostics
package import OCI
package import Store

/// A layer read from its first byte to its last, with everything about it verified on the way.
package struct LayerScan: Sendable {
    /// The digest of the tar, computed from its bytes.
    package let diffID: DiffID
    /// Size of the tar, in bytes.
    package let size: Int64

    /// Reads `layer`, and shows its entries to `visit` in order.
    ///
    /// - Throws: `layer.…`, `blob.…`, `gzip.…`, `zstd.…`, `tar.…`, and what `visit` throws.
    package init(
        _ layer: Descriptor,
        in source: ImageSource,
        visit: @escaping (TarRecord) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        var visitor = RecordVisitor(body: visit)
        try self.init(layer, in: try source.blob(layer), &visitor)
    }

    /// Reads the bytes that `blob` has of `layer`, and shows its entries to `visitor` in order.
    ///
    /// - Throws: `layer.…`, `blob.…`, `gzip.…`, `zstd.…`, `tar.…`, and what `visitor` throws.
    ///
    /// - Parameter limit: maximum size of the tar, in bytes; nothing is read beyond.
    package init(
        _ layer: Descriptor,
        in blob: LocalBlob,
        limit: Int64 = LayerLimits.largestTar,
        _ visitor: inout some LayerVisitor & ~Copyable
    ) throws(Diagnostic) {
        let subject = Diagnostic.Subject.blob(layer.digest.description)
        try LayerEncoding.check(layer, beginningWith: try blob.read(at: 0, count: 4))
        let blob = try blob.open()
        switch LayerEncoding(layer.mediaType) {
        case .gzip:
            let tar = try GzipReader(blob, limit: limit, at: subject)
            self = try Self.scan(HashingSource(tar), subject, &visitor)
        case .zstd:
            let tar = try ZstdReader(blob, limit: limit, at: subject)
            self = try Self.scan(HashingSource(tar), subject, &visitor)
        case .plain: self = try Self.scan(HashingSource(blob), subject, &visitor)
        case nil:
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
        _ visitor: inout some LayerVisitor & ~Copyable
    ) throws(Diagnostic) -> LayerScan {
        var reader = TarReader(source, at: subject)
        while let record = try reader.next() { try visitor.visit(record, &reader) }
        try reader.drain()
        let hashed = reader.takeSource()
        let size = hashed.size
        return LayerScan(diffID: DiffID(hashed.finalize()), size: size)
    }
}

/// What is shown the entries of a layer while it is read.
package protocol LayerVisitor: ~Copyable {
    /// Looks at the next entry, and reads as much of its content as is wanted.
    mutating func visit<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content
    ) throws(Diagnostic)
}

/// Reads no content.
private struct RecordVisitor: LayerVisitor {
    let body: (TarRecord) throws(Diagnostic) -> Void

    func visit<Content: ByteSource & ~Copyable>(_ record: TarRecord, _ content: inout Content) throws(Diagnostic) {
        try body(record)
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
