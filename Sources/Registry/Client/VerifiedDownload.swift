import ByteIO
import Diagnostics
import HTTP
import OCI
import Store

/// A blob on its way to this machine: its bytes are written and hashed as they come, and verified at the end.
///
/// It is used by one task at a time.
final class VerifiedDownload {
    private let blob: Descriptor
    private let directory: FilePath
    private let observer: TransferObserver
    private var draft: BlobDraft?
    private var hasher: SHA256Hasher? = SHA256Hasher()
    /// Number of bytes received.
    private(set) var position: Int64 = 0
    /// The position that was last reported.
    private var reported: Int64 = 0

    /// Number of bytes between two reports of progress.
    private static let step: Int64 = 256 << 10

    init(_ blob: Descriptor, into directory: FilePath, _ observer: @escaping TransferObserver) {
        self.blob = blob
        self.directory = directory
        self.observer = observer
    }

    /// Begins, or begins again, with an empty draft.
    func restart() throws(Diagnostic) {
        draft = try BlobDraft(in: directory)
        hasher = SHA256Hasher()
        position = 0
        reported = 0
    }

    /// Takes the next bytes; false if the blob would become larger than its descriptor states.
    func take(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) -> Bool {
        guard Int64(bytes.count) <= blob.size - position else { return false }
        hasher?.update(bytes)
        try draft?.write(bytes)
        position += Int64(bytes.count)
        if position - reported >= Self.step || position == blob.size {
            reported = position
            observer(.advanced(blob.digest, bytes: position))
        }
        return true
    }

    /// Ends the download and verifies it. To be called once, when all bytes have come.
    ///
    /// - Parameter url: the address that the bytes came from, for the message.
    /// - Throws: `blob.digest` if the bytes do not have the blob's digest.
    func finish(from url: HTTPURL) throws(Diagnostic) -> SealedDraft {
        // An answer without any bytes has not begun one.
        if draft == nil { draft = try BlobDraft(in: directory) }
        guard let draft = draft.take(), let hasher = hasher.take() else {
            preconditionFailure("a download is finished once")
        }
        let found = hasher.finalize()
        guard found == blob.digest else { throw RegistryClient.wrongDigest(blob.digest, found, url, "a blob") }
        return draft.seal()
    }
}
