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
        let foreign = pending
        let result = await withTaskGroup(
            of: Result<LocalBlob, Diagnostic>.self,
            returning: Result<[Digest: LocalBlob], Diagnostic>.self
        ) { group in
            var (fetched, next) = ([Digest: LocalBlob](), 0)
            while fetched.count < foreign.count {
                while next < min(foreign.count, fetched.count + Self.parallelFetches) {
                    let blob = foreign[next]
                    group.addTask { await blob.fetchVerified() }
                    next += 1
                }
                switch await group.next() {
                case .success(let blob)?: fetched[blob.descriptor.digest] = blob
                case .failure(let error)?:
                    group.cancelAll()
                    return .failure(error)
                case nil: return .success(fetched)
                }
            }
            return .success(fetched)
        }
        return try result.get()
    }

    /// The foreign blobs, by digest.
    var foreignDigests: Set<Digest> {
        var digests = Set<Digest>()
        for case (let blob, .foreign) in blobs { digests.insert(blob.digest) }
        return digests
    }
}

extension ImageSet.ForeignBlob {
    fileprivate func fetchVerified() async -> Result<LocalBlob, Diagnostic> {
        do throws(Diagnostic) {
            return .success(try await fetch().verified())
        } catch {
            return .failure(error)
        }
    }
}
