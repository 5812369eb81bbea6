package import ByteIO
package import Diagnostics

/// Fetches packages, and verifies each while it arrives.
package struct PackageFetcher: Sendable {
    private let client: MirrorClient
    private let directory: FilePath

    /// - Parameter directory: the directory for drafts.
    package init(_ client: MirrorClient, draftsIn directory: FilePath) {
        self.client = client
        self.directory = directory
    }

    /// The file of `package`, from the first mirror that provides it with the size and digest in the index.
    ///
    /// - Throws: `mirror.out-of-step`, `mirror.has-not`, `mirror.unreachable`, each with the answers of all mirrors;
    ///   `io.failed`.
    package func fetch(_ package: IndexedPackage) async throws(Diagnostic) -> SealedDraft {
        let promise = ReleaseFile.Promise(size: package.size, digest: package.digest)
        var refusals = [MirrorRefusal]()
        for origin in package.origins {
            for mirror in origin.mirrors {
                do throws(MirrorRefusal) {
                    return try await client.draft(of: origin.path, at: mirror, promised: promise, in: directory)
                } catch {
                    refusals.append(error)
                    if error.kind == .local { throw MirrorRefusal.diagnostic([error], for: "") }
                }
            }
        }
        throw MirrorRefusal.diagnostic(refusals, for: "`\(package.name)` \(package.version)")
    }
}
