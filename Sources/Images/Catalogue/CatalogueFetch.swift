import Bases
package import ByteIO
package import Diagnostics
import Glibc
package import OCI
import Store

extension Catalogue {
    /// Brings the packages of bases into the cache.
    ///
    /// - Parameters:
    ///   - names: none for all bases in their usual form.
    ///   - platforms: none for all that are locked.
    ///   - directory: where they go as files, too, below it as below a mirror.
    /// - Throws: `base.unknown`, `base.lock-…`, `base.no-mirror`, `base.offline-missing`; `mirror.…`, `io.failed`.
    package func fetch(
        _ names: [String] = [],
        for platforms: [Platform] = [],
        into directory: FilePath? = nil
    ) async throws(Diagnostic) -> FetchReport {
        var entries = [BaseCatalogue.Entry]()
        for name in names { entries.append(try bases.entry(named: name)) }
        // A base without a lock has no packages to fetch.
        if names.isEmpty { entries = bases.all.filter { $0.definition.apk == nil || $0.section.lock != nil } }
        if access.settings.bases.newest != nil {
            for index in entries.indices { entries[index] = try await settled(entries[index]) }
        }
        var wanted: [BaseLock: [Digest: BaseLock.Package]] = [:]
        for entry in entries {
            try requireLock(of: entry)
            let lock = try entry.lock()
            for architecture in try Self.architectures(of: lock, for: platforms) {
                for package in try lock.packages(of: entry.definition, entry.variant, for: architecture) {
                    wanted[lock, default: [:]][package.digest] = package
                }
            }
        }
        let fetcher = try fetcher()
        var report = FetchReport(directory: directory)
        for (lock, packages) in wanted.sorted(by: { $0.key.suite < $1.key.suite }) {
            let list = packages.values.sorted { ($0.name, $0.architecture) < ($1.name, $1.architecture) }
            let blobs = try await fetcher.fetch(list, of: lock)
            for package in list {
                report.packages.append(package)
                guard let directory, let blob = blobs[package.digest] else { continue }
                try Self.place(blob, at: directory, package)
            }
        }
        return report
    }

    /// Debian's names.
    private static func architectures(
        of lock: BaseLock,
        for platforms: [Platform]
    ) throws(Diagnostic) -> [String] {
        if platforms.isEmpty { return lock.architectures }
        var architectures = [String]()
        for platform in platforms {
            guard let architecture = platform.debianArchitecture else {
                throw Diagnostic(
                    .basePlatformAbsent,
                    "no base is made for \(platform)",
                    because: "the lock has packages for \(lock.architectures.joined(separator: ", "))"
                )
            }
            architectures.append(architecture)
        }
        return architectures
    }

    /// The lock's paths were checked when it was read: none leads elsewhere.
    private static func place(
        _ blob: LocalBlob,
        at directory: FilePath,
        _ package: BaseLock.Package
    ) throws(Diagnostic) {
        let path = directory.appending(package.path)
        do throws(SystemError) {
            try makeDirectories(path.directory)
        } catch {
            throw error.diagnostic("create a directory", path.directory.display)
        }
        if blob.isVerified(at: path) { return }
        try blob.duplicated(in: path.directory).replace(path)
    }

    private static func makeDirectories(_ path: FilePath) throws(SystemError) {
        if path.withCString({ mkdir($0, 0o755) }) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path.directory != path else { throw .last }
        try makeDirectories(path.directory)
        if path.withCString({ mkdir($0, 0o755) }) != 0, errno != EEXIST { throw .last }
    }
}

/// Packages that are here now.
package struct FetchReport: Sendable {
    let directory: FilePath?
    var packages: [BaseLock.Package] = []

    /// `43 packages, 41.2 MB, are in the cache`.
    package var summary: String {
        let count = packages.count == 1 ? "1 package" : "\(packages.count) packages"
        let place = directory.map { "`\($0.display)` and " } ?? ""
        return "\(count), \(ByteCount(BaseFacts.size(of: packages))), in \(place)the cache"
    }

    /// For a program.
    package var json: JSON { ["packages": .array(packages.map(\.json))] }
}
