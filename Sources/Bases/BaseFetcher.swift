package import ByteIO
import Debian
package import Diagnostics
package import HTTP
package import OCI
package import Store

/// Fetches packages into the cache.
package struct BaseFetcher: Sendable {
    private static let parallelFetches = 4

    package let cache: BlobCache
    /// The directory for drafts.
    let drafts: FilePath
    private let packages: PackageFetcher
    private let mirrors: BaseMirrors
    private let sources: AllowedSources
    private let observer: TransferObserver
    private let note: @Sendable (Diagnostic) -> Void

    /// - Parameters:
    ///   - cache: it also holds the drafts if it is writable.
    ///   - drafts: the directory for drafts otherwise.
    ///   - sources: whether more than the cache and mirrors on this machine may be read.
    ///   - note: called with notes, such as on packages that mirrors no longer have.
    package init(
        _ transport: any HTTPTransport,
        from mirrors: BaseMirrors,
        cache: BlobCache,
        drafts: FilePath,
        sources: AllowedSources = .everywhere,
        observer: @escaping TransferObserver = { _ in },
        note: @escaping @Sendable (Diagnostic) -> Void = { _ in }
    ) {
        self.note = note
        self.mirrors = sources == .everywhere ? mirrors : mirrors.withoutNetwork()
        self.cache = cache
        self.drafts = cache.isWritable ? cache.draftDirectory : drafts
        self.sources = sources
        self.observer = observer
        packages = PackageFetcher(MirrorClient(transport, reportingTo: observer), draftsIn: self.drafts)
    }

    /// The packages by digest. Those that are not in the cache are fetched from the mirrors and verified; what no mirror
    /// gives, from the archives of snapshots.
    ///
    /// - Parameter lock: the one that the packages are from.
    /// - Throws: `base.offline-missing`, which lists what is missing; `base.no-mirror`; `mirror.…`, `io.failed`.
    package func fetch(
        _ packages: [BaseLock.Package],
        of lock: BaseLock
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
        guard sources == .everywhere || mirrors.hasNamed else { throw absent(missing, of: lock.suite) }
        for (digest, blob) in try await fetch(missing, from: lock) { found[digest] = blob }
        return found
    }

    private func fetch(
        _ packages: [BaseLock.Package],
        from lock: BaseLock
    ) async throws(Diagnostic) -> [Digest: LocalBlob] {
        // The largest come first, so that the end does not wait for a single large one.
        let ordered = packages.sorted { $0.size > $1.size }
        let fetched = try await concurrently(ordered, atMost: Self.parallelFetches) {
            package async throws(Diagnostic) in
            try await fetch(package, of: lock)
        }
        let old = zip(ordered, fetched).filter { $1.place == .snapshot }.map(\.0.title).sorted()
        if !old.isEmpty {
            note(
                Diagnostic(
                    .baseSuperseded,
                    "\(old.count == 1 ? "a package" : "\(old.count) packages") of `\(lock.suite.name)` came from an"
                        + " archive of snapshots: \(Self.list(old))",
                    because: "no mirror gives what the lock names; mirrors drop packages when newer ones come",
                    hint: "renew the lock: `coracle base lock --update`"
                )
            )
        }
        return Dictionary(zip(ordered.map(\.digest), fetched.map(\.blob))) { first, _ in first }
    }

    /// Where a package was.
    private enum Place {
        case mirror, snapshot
    }

    private func fetch(
        _ package: BaseLock.Package,
        of lock: BaseLock
    ) async throws(Diagnostic) -> (blob: LocalBlob, place: Place) {
        observer(.began(package.descriptor, .download))
        do throws(Diagnostic) {
            let (draft, place) = try await draft(of: package, in: lock)
            let blob = try cache.insert(draft, as: package.descriptor)
            observer(.advanced(package.digest, bytes: package.size))
            observer(.ended(package.digest, .transferred))
            return (blob, place)
        } catch {
            observer(.ended(package.digest, .failed))
            throw error
        }
    }

    private func draft(
        of package: BaseLock.Package,
        in lock: BaseLock
    ) async throws(Diagnostic) -> (SealedDraft, Place) {
        let addresses = try mirrors.mirrors(of: package, in: lock)
        let snapshots = mirrors.snapshots(of: package, in: lock)
        if !addresses.isEmpty || snapshots.isEmpty {
            do throws(Diagnostic) {
                return (try await fetch(package, at: addresses), .mirror)
            } catch {
                guard [.mirrorHasNot, .mirrorOutOfStep, .mirrorUnreachable].contains(error.code) else { throw error }
                guard snapshots.isEmpty else { return try await old(package, of: lock, from: snapshots, after: error) }
                guard error.code == .mirrorHasNot else { throw error }
                var problem = error
                guard lock.suite.format == .deb else {
                    problem.hint =
                        "mirrors keep only the newest packages: take these with `coracle base lock --update` or `--latest`"
                    throw problem
                }
                problem.hint =
                    "mirrors drop packages: take newer ones with `coracle base lock --update` or `--latest`, or name an archive of snapshots with `--snapshot URL`"
                throw problem
            }
        }
        return try await old(package, of: lock, from: snapshots, after: nil)
    }

    private func fetch(_ package: BaseLock.Package, at mirrors: [String]) async throws(Diagnostic) -> SealedDraft {
        try await packages.fetch(
            mirrors.map { (mirror: $0, path: package.path) },
            size: package.size,
            digest: package.digest,
            titled: package.title
        ).draft
    }

    /// A package that no lock names yet, with its digest: callers verify it in another way.
    ///
    /// - Throws: `mirror.…`, `io.failed`.
    package func fetch(
        unlocked path: String,
        size: Int64,
        from mirrors: [String],
        titled title: String
    ) async throws(Diagnostic) -> LocalBlob {
        let places = mirrors.map { (mirror: $0, path: path) }
        let found = try await packages.fetch(places, size: size, digest: nil, titled: title)
        return try cache.insert(found.draft, as: BaseLock.Package.descriptor(of: path, found.digest, size))
    }

    /// - Parameter refusal: what the mirrors answered; `nil` if there are none.
    private func old(
        _ package: BaseLock.Package,
        of lock: BaseLock,
        from snapshots: [String],
        after refusal: Diagnostic?
    ) async throws(Diagnostic) -> (SealedDraft, Place) {
        do throws(Diagnostic) {
            return (try await fetch(package, at: snapshots), .snapshot)
        } catch {
            var problem = error
            if let refusal {
                problem.reason = [refusal.reason, error.reason].compactMap(\.self).joined(separator: "; ")
            }
            if error.code == .mirrorHasNot {
                problem.hint =
                    "renew the lock with `coracle base lock --update`, or look whether the address of the archive is right"
            }
            throw problem
        }
    }

    private static func list(_ titles: [String]) -> String {
        titles.prefix(8).joined(separator: ", ") + (titles.count > 8 ? " and \(titles.count - 8) more" : "")
    }

    private func absent(_ packages: [BaseLock.Package], of suite: DebianSuite) -> Diagnostic {
        return Diagnostic(
            .baseOfflineMissing,
            "\(packages.count == 1 ? "a package" : "\(packages.count) packages") of `\(suite.name)` would have to be"
                + " fetched, and `--offline` forbids it",
            because: "the cache has no \(Self.list(packages.map(\.title)))",
            hint: "fill it where there is a network: `coracle base fetch`"
        )
    }
}

extension MirrorClient {
    /// A client whose pauses are events of a transfer.
    package init(_ transport: any HTTPTransport, reportingTo observer: @escaping TransferObserver) {
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
    /// For a person.
    fileprivate var title: String { "`\(name)` \(version)" }

    /// The descriptor under which the cache stores the package.
    package var descriptor: Descriptor { Self.descriptor(of: path, digest, size) }

    fileprivate static func descriptor(of path: String, _ digest: Digest, _ size: Int64) -> Descriptor {
        let type = path.hasSuffix(".apk") ? "application/vnd.alpine.package" : "application/vnd.debian.binary-package"
        return Descriptor(mediaType: MediaType(rawValue: type), digest: digest, size: size)
    }
}

extension Diagnostic.Code {
    package static let baseOfflineMissing = Self("base.offline-missing", .notFound)
    static let baseSuperseded = Self("base.superseded", .notFound)
}
