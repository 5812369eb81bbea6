package import ByteIO
import Debian
package import Diagnostics
package import HTTP
package import OCI
package import Store

/// Fetches packages into the cache.
package struct BaseFetcher: Sendable {
    private static let parallelFetches = 4

    let cache: BlobCache
    /// The directory for drafts.
    let drafts: FilePath
    private let packages: PackageFetcher
    private let mirrors: BaseMirrors
    private let sources: AllowedSources
    private let observer: TransferObserver

    /// - Parameters:
    ///   - cache: it also holds the drafts if it is writable.
    ///   - drafts: the directory for drafts otherwise.
    ///   - sources: whether more than the cache and mirrors on this machine may be read.
    package init(
        _ transport: any HTTPTransport,
        from mirrors: BaseMirrors,
        cache: BlobCache,
        drafts: FilePath,
        sources: AllowedSources = .everywhere,
        observer: @escaping TransferObserver = { _ in }
    ) {
        self.mirrors = sources == .everywhere ? mirrors : mirrors.withoutNetwork()
        self.cache = cache
        self.drafts = cache.isWritable ? cache.draftDirectory : drafts
        self.sources = sources
        self.observer = observer
        packages = PackageFetcher(MirrorClient(transport, reportingTo: observer), draftsIn: self.drafts)
    }

    /// The packages by digest. Those that are not in the cache are fetched from the mirrors and verified.
    ///
    /// - Throws: `base.offline-missing`, which lists what is missing; `base.no-mirror`; `mirror.…`, `io.failed`.
    package func fetch(
        _ packages: [BaseLock.Package],
        of suite: DebianSuite
    ) async throws(Diagnostic) -> [Digest: LocalBlob] {
        var found: [Digest: LocalBlob] = [:]
        var missing = [BaseLock.Package]()
        for package in packages where found[package.digest] == nil {
            if let blob = try cache.blob(package.descriptor) {
                found[package.digest] = blob
            } else if !missing.contains(where: { $0.digest == package.digest }) {
                missing.append(package)
            }
        }
        guard !missing.isEmpty else { return found }
        guard sources == .everywhere || !mirrors.named.isEmpty else { throw absent(missing, of: suite) }
        for (digest, blob) in try await fetch(missing, from: suite) { found[digest] = blob }
        return found
    }

    private func fetch(
        _ packages: [BaseLock.Package],
        from suite: DebianSuite
    ) async throws(Diagnostic) -> [Digest: LocalBlob] {
        // The largest come first, so that the end does not wait for a single large one.
        let ordered = packages.sorted { $0.size > $1.size }
        let blobs = try await concurrently(ordered, atMost: Self.parallelFetches) { package async throws(Diagnostic) in
            try await fetch(package, of: suite)
        }
        return Dictionary(zip(ordered.map(\.digest), blobs)) { first, _ in first }
    }

    private func fetch(_ package: BaseLock.Package, of suite: DebianSuite) async throws(Diagnostic) -> LocalBlob {
        let origin = IndexedPackage.Origin(
            suite: suite.codename,
            mirrors: try mirrors.mirrors(of: package, in: suite),
            path: package.path
        )
        let indexed = IndexedPackage(
            name: package.name,
            version: try DebianVersion(parsing: package.version),
            architecture: package.architecture,
            size: package.size,
            digest: package.digest,
            origins: [origin]
        )
        observer(.began(package.descriptor, .download))
        do throws(Diagnostic) {
            let draft = try await packages.fetch(indexed)
            let blob = try cache.insert(draft, as: package.descriptor)
            observer(.advanced(package.digest, bytes: package.size))
            observer(.ended(package.digest, .transferred))
            return blob
        } catch {
            observer(.ended(package.digest, .failed))
            guard error.code == .mirrorHasNot else { throw error }
            var problem = error
            problem.hint = "mirrors drop packages when newer ones come: renew the lock with `coracle base lock`"
            throw problem
        }
    }

    private func absent(_ packages: [BaseLock.Package], of suite: DebianSuite) -> Diagnostic {
        let list = packages.prefix(8).map { "`\($0.name)` \($0.version)" }.joined(separator: ", ")
        let more = packages.count > 8 ? " and \(packages.count - 8) more" : ""
        return Diagnostic(
            .baseOfflineMissing,
            "\(packages.count == 1 ? "a package" : "\(packages.count) packages") of `\(suite.name)` would have to be"
                + " fetched, and `--offline` forbids it",
            because: "the cache has no \(list)\(more)",
            hint: "fill it where there is a network: `coracle base fetch`"
        )
    }
}

extension MirrorClient {
    /// A client whose pauses are events of a transfer.
    init(_ transport: any HTTPTransport, reportingTo observer: @escaping TransferObserver) {
        self.init(transport) { wait in
            observer(
                .retrying(
                    wait.server,
                    attempt: wait.attempt,
                    limit: wait.limit,
                    after: wait.delay,
                    reason: wait.reason
                )
            )
        }
    }
}

extension BaseLock.Package {
    /// The descriptor under which the cache stores the package.
    package var descriptor: Descriptor {
        Descriptor(
            mediaType: MediaType(rawValue: "application/vnd.debian.binary-package"),
            digest: digest,
            size: size
        )
    }
}

extension Diagnostic.Code {
    package static let baseOfflineMissing = Self("base.offline-missing", .notFound)
}
