package import Bases
package import Debian
package import Diagnostics
package import HTTP
package import OCI
package import Store
import YAML

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

    /// The architectures of every lock.
    private static let usualArchitectures = ["amd64", "arm64"]

    let mirrors: BaseMirrors
    let client: MirrorClient
    private let gpgv: Gpgv
    /// Debian's names of the architectures to lock instead of the usual ones, besides those of the previous lock.
    package var architectures: [String] = []
    /// Whether an architecture is locked without updates that a mirror signs, and does not have.
    package var allowsIncomplete = false

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
    ///   - architectures: Debian's names; `nil` for the locker's, and those of the previous lock.
    ///   - now: the time that the indexes' dates are compared with.
    /// - Throws: `base.no-mirror`; what `SignedRelease`, `PackageIndex` and `DependencyClosure` throw.
    package func lock(
        _ definitions: [BaseDefinition],
        of suite: DebianSuite,
        replacing old: BaseLock? = nil,
        isUpdating: Bool = true,
        for architectures: [String]? = nil,
        at now: Timestamp
    ) async throws(Diagnostic) -> Outcome {
        try mirrors.require(suite)
        var (releases, notes) = try await releases(of: suite.archives, at: now)
        let asked = self.architectures.isEmpty ? Self.usualArchitectures : self.architectures
        let architectures = architectures ?? Set(asked + (old?.architectures ?? [])).sorted()
        let named = Set(definitions.flatMap(\.packages)).union([BaseLock.debugPackage])
        let found = releases.map { release in
            BaseLock.Release(suite: release.suite, version: release.release.version, date: release.release.date)
        }
        var packages = [String: [BaseLock.Package]]()
        var keepsOlder = false
        var dependencies = [String: [String: [DependencyClosure.Member]]]()
        for architecture in architectures {
            let files = try await lists(of: releases, for: architecture, &notes)
            var names = named
            let closures = try Self.closures(
                of: definitions,
                for: architecture,
                in: files,
                keeping: isUpdating ? nil : old
            )
            for (name, closure) in closures {
                dependencies[name, default: [:]][architecture] = closure
                names.formUnion(closure.map(\.name))
            }
            let newest = try Self.select(names.sorted(), for: architecture, in: files)
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
            packages: packages,
            dependencies: dependencies
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

    /// The lists of packages of each release.
    private func lists(
        of releases: [SignedRelease],
        for architecture: String,
        _ notes: inout [Diagnostic]
    ) async throws(Diagnostic) -> [PackagesFile] {
        var files = [PackagesFile]()
        for (index, release) in releases.enumerated() {
            do throws(Diagnostic) {
                files.append(try await release.packages(of: "main", for: architecture, client))
            } catch {
                guard index > 0, [.mirrorOutOfStep, .mirrorHasNot].contains(error.code) else { throw error }
                guard allowsIncomplete else {
                    var problem = error
                    problem.hint =
                        "name a mirror that has the updates for `\(architecture)` with `--mirror`, or do without them: `--allow-incomplete`"
                    throw problem
                }
                notes.append(
                    Diagnostic(
                        .baseArchiveAbsent,
                        "`\(architecture)` is locked without `\(release.suite)`",
                        because: error.reason ?? error.summary,
                        hint: "name a mirror that has it with `--mirror`"
                    )
                )
            }
        }
        return files
    }

    /// What the packages of each definition depend on, by the definitions' names.
    ///
    /// - Parameter old: a lock whose dependencies stay if the definition is the same.
    private static func closures(
        of definitions: [BaseDefinition],
        for architecture: String,
        in files: [PackagesFile],
        keeping old: BaseLock?
    ) throws(Diagnostic) -> [String: [DependencyClosure.Member]] {
        var closures = [String: [DependencyClosure.Member]]()
        var index: DependencyIndex?
        for definition in definitions where !definition.followed.isEmpty {
            if let old, old.definitions[definition.name] == definition.digest,
                let known = old.dependencies(of: definition, for: architecture)
            {
                closures[definition.name] = known
                continue
            }
            var all = index ?? DependencyIndex(architecture: architecture)
            if index == nil {
                for file in files { try all.add(file) }
            }
            let closure = try DependencyClosure(
                of: definition.followed,
                besides: definition.packages,
                without: definition.excluded,
                in: &all
            )
            let there = Set(definition.packages + closure.members.map(\.name))
            for name in definition.parts.keys.sorted() where !there.contains(name) {
                throw Diagnostic(
                    .yamlUnexpected,
                    "`\(definition.fullName)` takes parts of `\(name)`, which is not one of its packages",
                    at: .file(path: definition.origin),
                    because: "it neither names `\(name)`, nor does anything depend on it for `\(architecture)`"
                )
            }
            closures[definition.name] = closure.members
            index = all
        }
        return closures
    }

    private static func select(
        _ names: [String],
        for architecture: String,
        in files: [PackagesFile]
    ) throws(Diagnostic) -> [BaseLock.Package] {
        var index = PackageIndex(architecture: architecture, keeping: Set(names))
        for file in files { try index.add(file) }
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
