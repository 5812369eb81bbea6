import ByteIO
import Diagnostics
import OCI

extension ImageSet {
    /// Maximum number of remote blobs fetched at the same time.
    private static let parallelFetches = 2

    /// Brings the remote blobs among `wanted` to this machine.
    ///
    /// - Parameter isVerifying: whether they are verified; else what reads them does.
    func fetchRemote(
        _ wanted: Set<Digest>,
        isVerifying: Bool = true
    ) async throws(Diagnostic) -> [Digest: LocalBlob] {
        var pending = [RemoteBlob]()
        for blob in blobs where wanted.contains(blob.descriptor.digest) {
            if let remote = blob.remote { pending.append(remote) }
        }
        let fetched = try await concurrently(pending, atMost: Self.parallelFetches) { blob async throws(Diagnostic) in
            let fetched = try await blob.fetch()
            return isVerifying ? try fetched.verified() : fetched
        }
        return Dictionary(fetched.map { ($0.descriptor.digest, $0) }) { first, _ in first }
    }

    /// The remote blobs, by digest.
    var remoteDigests: Set<Digest> {
        var digests = Set<Digest>()
        for blob in blobs where blob.remote != nil { digests.insert(blob.descriptor.digest) }
        return digests
    }
}
