import ByteIO
import Diagnostics
import OCI

extension ImageSet {
    /// As many foreign blobs are fetched at the same time.
    private static let parallelFetches = 2

    /// Brings the foreign blobs among `wanted` to this machine. They are verified.
    func fetchForeign(_ wanted: Set<Digest>) async throws(Diagnostic) -> [Digest: LocalBlob] {
        var pending = [ForeignBlob]()
        for case (let blob, .foreign(let foreign)) in blobs where wanted.contains(blob.digest) {
            pending.append(foreign)
        }
        let fetched = try await concurrently(pending, atMost: Self.parallelFetches) { blob async throws(Diagnostic) in
            try await blob.fetch().verified()
        }
        return Dictionary(fetched.map { ($0.descriptor.digest, $0) }) { first, _ in first }
    }

    /// The foreign blobs, by digest.
    var foreignDigests: Set<Digest> {
        var digests = Set<Digest>()
        for case (let blob, .foreign) in blobs { digests.insert(blob.digest) }
        return digests
    }
}
