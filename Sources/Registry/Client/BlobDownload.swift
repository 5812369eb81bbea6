import ByteIO
import Diagnostics
import OCI
import Store

/// A blob on its way to this machine: what has come of it, hashed and written.
///
/// One task at a time uses it: that which downloads.
final class BlobDownload {
    private let blob: Descriptor
    private let directory: FilePath
    private let observer: TransferObserver
    private var draft: BlobDraft?
    private var hasher: SHA256Hasher? = SHA256Hasher()
    /// Bytes that have come.
    private(set) var position: Int64 = 0
    private var told: Int64 = 0

    /// What is told less often than this costs nothing, in bytes.
    private static let step: Int64 = 256 << 10

    init(_ blob: Descriptor, into directory: FilePath, _ observer: @escaping TransferObserver) {
        self.blob = blob
        self.directory = directory
        self.observer = observer
    }

    /// Begins, or begins again, with nothing.
    func restart() throws(Diagnostic) {
        draft = try BlobDraft(in: directory)
        hasher = SHA256Hasher()
        position = 0
        told = 0
    }

    /// Takes the next bytes; false if the blob would be larger than it says.
    func take(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) -> Bool {
        guard Int64(bytes.count) <= blob.size - position else { return false }
        hasher?.update(bytes)
        try draft?.write(bytes)
        position += Int64(bytes.count)
        if position - told >= Self.step || position == blob.size {
            told = position
            observer(.advanced(blob.digest, bytes: position))
        }
        return true
    }

    /// Ends it: what has come, and its digest. To be called once, when all has come.
    func finish() throws(Diagnostic) -> (draft: SealedDraft, digest: Digest) {
        // An answer without any bytes has not begun one.
        if draft == nil { draft = try BlobDraft(in: directory) }
        guard let draft = draft.take(), let hasher = hasher.take() else {
            preconditionFailure("a download is finished once")
        }
        return (draft.seal(), hasher.finalize())
    }
}
