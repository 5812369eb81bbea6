package import ByteIO
package import Diagnostics
package import OCI

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
        try await fetch(
            package.origins.flatMap { origin in origin.mirrors.map { (mirror: $0, path: origin.path) } },
            size: package.size,
            digest: package.digest,
            titled: "`\(package.name)` \(package.version)"
        ).draft
    }

    /// A file of the size `size`, and its digest, from the first of `places` that provides it.
    ///
    /// - Parameters:
    ///   - digest: the digest that it has to have; `nil` if the index does not say it, and callers verify in another way.
    ///   - title: the package, for messages.
    /// - Throws: as for a package.
    package func fetch(
        _ places: [(mirror: String, path: String)],
        size: Int64,
        digest: Digest?,
        titled title: String
    ) async throws(Diagnostic) -> (draft: SealedDraft, digest: Digest) {
        var refusals = [MirrorRefusal]()
        for place in places {
            do throws(MirrorRefusal) {
                return try await client.draft(
                    of: place.path,
                    at: place.mirror,
                    size: size,
                    digest: digest,
                    in: directory
                )
            } catch {
                refusals.append(error)
                if error.kind == .local { throw MirrorRefusal.diagnostic([error], for: "") }
            }
        }
        throw MirrorRefusal.diagnostic(refusals, for: title)
    }
}

extension MirrorClient {
    /// What `read` makes of the file at `path`, from the first of `mirrors` whose bytes it accepts.
    ///
    /// - Parameters:
    ///   - limit: largest file, in bytes.
    ///   - title: what the file is, for messages.
    ///   - read: takes the bytes and the address.
    /// - Throws: what `read` threw for the first mirror, if it accepts no mirror's; `mirror.has-not`, `mirror.unreachable`.
    package func file<Value: Sendable>(
        _ path: String,
        from mirrors: [String],
        limit: Int,
        titled title: String,
        _ read: ([UInt8], String) throws(Diagnostic) -> Value
    ) async throws(Diagnostic) -> Value {
        var refusals = [MirrorRefusal]()
        var problem: Diagnostic?
        for mirror in mirrors {
            let bytes: [UInt8]
            do throws(MirrorRefusal) {
                bytes = try await self.bytes(of: path, at: mirror, limit: limit)
            } catch {
                refusals.append(error)
                continue
            }
            do throws(Diagnostic) {
                return try read(bytes, "\(mirror)/\(path)")
            } catch {
                if problem == nil { problem = error }
            }
        }
        throw problem ?? MirrorRefusal.diagnostic(refusals, for: title)
    }
}
