package import Debian
package import Diagnostics
package import HTTP
package import OCI
package import Store

/// Finds the packages of definitions in Debian's signed indexes and locks them.
package struct BaseLocker: Sendable {
    /// The result of locking.
    package struct Outcome: Sendable {
        package let lock: BaseLock
        package let changes: BaseLockChanges
        /// Notes, such as on a mirror without security updates.
        package let notes: [Diagnostic]
    }

    /// Indexes that a lock keeps the dates of, for packages that were not renewed.
    private static let mostOlderReleases = 12

    let mirrors: BaseMirrors
    let client: MirrorClient
    private let gpgv: Gpgv

    /// - Parameters:
    ///   - gpgv: the verifier, with the keys that may sign.
    ///   - observer: is called before every pause between two tries of a mirror.
    package init(
        _ transport: any HTTPTransport,
        from mirrors: BaseMirrors,
        verifiedBy gpgv: Gpgv,
        observer: @escaping TransferObserver = { _ in }
    ) {
        self.mirrors = mirrors
        client = MirrorClient(transport, reportingTo: observer)
        self.gpgv = gpgv
    }

    /// Locks the packages of `definitions`, all those of a suite, and the packages that their variants add.
    ///
    /// - Parameters:
    ///   - old: the previous lock.
    ///   - isUpdating: whether packages that are already locked get their newest version, too.
    ///   - architectures: Debian's names.
    ///   - now: the time that the indexes' dates are compared with.
    /// - Throws: `base.no-mirror`; what `SignedRelease` and `PackageIndex` throw.
    package func lock(
        _ definitions: [BaseDefinition],
        of suite: DebianSuite,
        replacing old: BaseLock? = nil,
        isUpdating: Bool = true,
        for architectures: [String] = ["amd64", "arm64"],
        at now: Timestamp
    ) async throws(Diagnostic) -> Outcome {
        try mirrors.require(suite)
        let (releases, notes) = try await releases(of: suite.archives, at: now)
        let names = Set(definitions.flatMap(\.packages)).union([BaseLock.debugPackage]).sorted()
        let found = releases.map { release in
            BaseLock.Release(suite: release.suite, version: release.release.version, date: release.release.date)
        }
        var packages = [String: [BaseLock.Package]]()
        var keepsOlder = false
        for architecture in architectures {
            let newest = try await select(names, for: architecture, in: releases)
            let kept = isUpdating ? [] : old?.packages[architecture] ?? []
            packages[architecture] = newest.map { package in kept.first { $0.name == package.name } ?? package }
            keepsOlder = keepsOlder || packages[architecture] != newest
        }
        // Archives of snapshots are asked by these dates: what was found in an older index is still there by its own.
        let older = keepsOlder ? (old?.releases ?? []).filter { !found.contains($0) } : []
        let lock = BaseLock(
            suite: suite,
            releases: found + older.prefix(Self.mostOlderReleases),
            definitions: Dictionary(definitions.map { ($0.name, $0.digest) }, uniquingKeysWith: { first, _ in first }),
            packages: packages
        )
        return Outcome(lock: lock, changes: BaseLockChanges(from: old, to: lock), notes: notes)
    }

    /// The signed archives. A mirror need not have the updates, but a note says so.
    ///
    /// - Parameters:
    ///   - archives: the release, and its updates.
    ///   - work: what is done with them, for the note.
    func releases(
        of archives: [String],
        at now: Timestamp,
        for work: String = "the lock is made"
    ) async throws(Diagnostic) -> (releases: [SignedRelease], notes: [Diagnostic]) {
        var releases = [SignedRelease]()
        var notes = [Diagnostic]()
        for archive in archives {
            let addresses = mirrors.mirrors(of: archive)
            do throws(Diagnostic) {
                releases.append(
                    try await SignedRelease(fetching: archive, from: addresses, client, verifiedBy: gpgv, at: now)
                )
            } catch {
                guard archive != archives.first, addresses.isEmpty || error.code == .mirrorHasNot else { throw error }
                notes.append(
                    Diagnostic(
                        .baseArchiveAbsent,
                        "\(work) without `\(archive)`",
                        because: "no mirror has it",
                        hint: "name one that does with `--mirror`"
                    )
                )
            }
        }
        return (releases, notes)
    }

    private func select(
        _ names: [String],
        for architecture: String,
        in releases: [SignedRelease]
    ) async throws(Diagnostic) -> [BaseLock.Package] {
        var index = PackageIndex(architecture: architecture, keeping: Set(names))
        for release in releases {
            try index.add(try await release.packages(of: "main", for: architecture, client))
        }
        return try index.select(names).map { package in
            BaseLock.Package(
                name: package.name,
                version: package.version.description,
                architecture: package.architecture,
                path: package.origins[0].path,
                size: package.size,
                digest: package.digest
            )
        }
    }
}

extension Diagnostic.Code {
    package static let baseArchiveAbsent = Self("base.archive-absent", .notFound)
}
