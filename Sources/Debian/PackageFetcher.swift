package import ByteIO
package import Diagnostics

/// Gets packages, each verified while it comes.
package struct PackageFetcher: Sendable {
    private let client: MirrorClient
    private let directory: FilePath

    /// - Parameter directory: where drafts are made.
    package init(_ client: MirrorClient, draftsIn directory: FilePath) {
        self.client = client
        self.directory = directory
    }

    /// The file of `package`, from the first mirror that gives it with the size and digest that the index says.
    ///
    /// - Throws: `mirror.out-of-step`, `mirror.has-not`, `mirror.unreachable`, each with what every mirror said;
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
