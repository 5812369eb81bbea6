import Archive
import ByteIO
import Check
import Diagnostics
import Layers
import OCI
import Plan
import Store

/// Makes sure that a blob of an earlier image is the layer that would be written.
///
/// Its bytes are fetched and unpacked, and must have the planned layer's diffID; their beginning must be what compressing
/// gives. That is done once for a blob, and remembered in the cache.
struct LayerProof: Sendable {
    /// The kind that proofs are cached as.
    private static let kind = "layer-proof-1"
    /// So much of a blob is compressed again and compared, in bytes.
    private static let compared: Int64 = 1 << 20

    /// The layer as the image's documents will name it: nothing in it is the earlier image's choice but digest and size.
    let written: WrittenLayer
    private let candidate: LayerReuse.Candidate
    private let planned: PlannedLayer
    private let cores: Int

    init(_ candidate: LayerReuse.Candidate, _ diffID: DiffID, _ planned: PlannedLayer, cores: Int) {
        self.candidate = candidate
        self.planned = planned
        self.cores = cores
        let blob = candidate.layer.blob
        written = WrittenLayer(
            descriptor: Descriptor(
                mediaType: planned.compression.codec.mediaType,
                digest: blob.digest,
                size: blob.size
            ),
            diffID: diffID,
            uncompressedSize: LayerLayout(planned.blueprint).size
        )
    }

    /// The blob, which is the layer.
    ///
    /// - Throws: `reuse.other-content`, `reuse.other-compression`; what keeps the blob from being fetched and read.
    func prove(_ cache: BlobCache?) async throws(Diagnostic) -> ImageSet.RemoteBlob {
        let (blob, provider) = (written.descriptor, candidate.image.provider)
        try checkSize()
        if try cache?.derived(Self.kind, of: blob.digest) == record, try await provider.holds(blob) {
            return ImageSet.RemoteBlob(blob, of: provider)
        }
        let local = try await provider.blob(blob).verified()
        try checkContent(of: local)
        try await checkCompression(of: local)
        _ = try cache?.insert(derived: record, Self.kind, of: blob.digest)
        return ImageSet.RemoteBlob(local, in: provider.repository)
    }

    /// The note about a blob that proves nothing.
    func refusal(_ error: Diagnostic) -> Diagnostic {
        Diagnostic(
            .reuseRefused,
            "a layer is built, although `\(candidate.image.name)` claims to have it: \(planned.blueprint.createdBy)",
            at: .blob(written.descriptor.digest.description),
            because: [error.summary, error.reason].compactMap(\.self).joined(separator: ": ")
        )
    }

    /// All that a proof holds for.
    private var record: [UInt8] {
        Array("\(written.diffID) \(written.descriptor.size) \(planned.compression.description)\n".utf8)
    }

    /// What a blob that is the layer can have at most; a larger one is not even fetched.
    private func checkSize() throws(Diagnostic) {
        let limit = planned.compression.codec.largestBlob(of: written.uncompressedSize)
        guard written.descriptor.size <= limit else {
            throw otherContent("its announced size is \(written.descriptor.size) bytes, more than its tar")
        }
    }

    private func checkContent(of local: LocalBlob) throws(Diagnostic) {
        var visitor = NoInterest()
        let scan = try LayerScan(written.descriptor, in: local, limit: written.uncompressedSize, &visitor)
        guard scan.diffID == written.diffID else { throw otherContent("its tar has the diffID \(scan.diffID)") }
    }

    private func checkCompression(of local: LocalBlob) async throws(Diagnostic) {
        var sink = ComparingSink(local)
        let work = LayerComparison(planned.blueprint, planned.compression)
        _ = try await LayerWriter(cores: cores).write(work, to: &sink, upTo: Self.compared)
    }

    private func otherContent(_ reason: String) -> Diagnostic {
        Diagnostic(.reuseOtherContent, "the blob is another layer", because: reason)
    }
}

private struct NoInterest: LayerVisitor {
    func visit<Content: ByteSource & ~Copyable>(_ record: TarRecord, _ content: inout Content) throws(Diagnostic) {}
}

/// Compares what is written with the beginning of a blob.
private struct ComparingSink: ByteSink, ~Copyable {
    private let blob: LocalBlob
    private var position: Int64 = 0

    init(_ blob: LocalBlob) { self.blob = blob }

    /// - Throws: `reuse.other-compression`.
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) {
        let there = try blob.read(at: position, count: bytes.count)
        guard there.elementsEqual(bytes) else {
            throw Diagnostic(
                .reuseOtherCompression,
                "the blob's compression is not the announced one",
                because: "the same tar gives other bytes here"
            )
        }
        position += Int64(bytes.count)
    }
}

extension Diagnostic.Code {
    static let reuseRefused = Self("reuse.refused", .verification)
    static let reuseOtherContent = Self("reuse.other-content", .verification)
    static let reuseOtherCompression = Self("reuse.other-compression", .verification)
}
