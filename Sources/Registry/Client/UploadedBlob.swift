import Diagnostics
import HTTP
import OCI
import Store
import Synchronization

/// A blob on its way to a registry. It is verified while it is read: if its digest is wrong, the last piece is never sent.
final class UploadedBlob: HTTPUpload {
    private struct State: ~Copyable {
        var hasher: SHA256Hasher? = SHA256Hasher()
        var position: Int64 = 0
    }

    let size: Int64
    private let blob: Descriptor
    private let content: any HTTPUpload
    private let observer: TransferObserver
    private let state = Mutex(State())

    init(_ blob: Descriptor, _ content: any HTTPUpload, _ observer: @escaping TransferObserver) {
        self.blob = blob
        self.content = content
        self.observer = observer
        size = blob.size
    }

    func read(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        let bytes = try content.read(at: offset, count: count)
        let end = offset + Int64(bytes.count)
        let digest: Digest? = state.withLock { state in
            if offset == 0 {
                state.hasher = SHA256Hasher()
                state.position = 0
            }
            // Only bytes that are read in order can be verified.
            guard offset == state.position else {
                state.hasher = nil
                return nil
            }
            bytes.withUnsafeBytes { state.hasher?.update($0) }
            state.position = end
            return end == size ? state.hasher.take()?.finalize() : nil
        }
        guard end < size || digest == blob.digest else {
            throw Diagnostic(
                .blobDigest,
                "a blob's content is not what its digest says",
                at: .blob(blob.digest.description),
                because: digest.map { "the content has the digest \($0)" } ?? "it could not be verified",
                hint: "nothing of it was published; build or copy the image again"
            )
        }
        observer(.advanced(blob.digest, bytes: end))
        return bytes
    }
}
