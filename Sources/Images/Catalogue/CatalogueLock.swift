import Bases
package import ByteIO
import Debian
package import Diagnostics
package import OCI

extension Catalogue {
    /// Locks the packages of all bases in the user's directories, and writes what is different.
    ///
    /// - Parameters:
    ///   - suites: such as `debian13`; none for all.
    ///   - isUpdating: whether packages that are locked already get their newest version, too.
    ///   - keyrings: files of keys that may sign; none for Debian's own.
    ///   - now: what the indexes' dates are compared with.
    /// - Throws: `base.no-shelf`, `base.suite-unknown`, `base.no-mirror`; `signature.…`, `release.…`, `mirror.…`; `io.failed`.
    package func lock(
        _ suites: [String] = [],
        updating isUpdating: Bool,
        trusting keyrings: [FilePath] = [],
        at now: Timestamp
    ) async throws(Diagnostic) -> LockReport {
        try access.refuseOffline("base lock")
        var wanted = [DebianSuite]()
        for name in suites { wanted.append(try DebianSuite(named: name)) }
        let sections = bases.shelves.filter { $0.path != nil }.flatMap(\.sections).filter { section in
            wanted.isEmpty || wanted.contains(section.suite)
        }
        guard !sections.isEmpty else { throw .noShelf(wanted) }
        let environment = access.settings.environment
        let gpgv =
            keyrings.isEmpty
            ? try Gpgv(environment: environment) : try Gpgv(keyrings: keyrings, environment: environment)
        let locker = BaseLocker(try access.transport(), from: try mirrors, verifiedBy: gpgv) {
            [observe = access.observe] event in observe(event)
        }
        var report = LockReport()
        for section in sections {
            let outcome = try await locker.lock(
                section.definitions,
                of: section.suite,
                replacing: section.lock,
                isUpdating: isUpdating,
                at: now
            )
            for line in outcome.notes { access.note(line) }
            report.suites.append(LockReport.Suite(section, outcome))
            if outcome.lock == section.lock { continue }
            try Self.write(outcome.lock.encoded, to: section.lockPath)
            report.written.append("wrote \(section.lockPath.display)")
        }
        return report
    }

    /// In the place of what is there, in one step.
    private static func write(_ bytes: [UInt8], to path: FilePath) throws(Diagnostic) {
        var draft = try BlobDraft(in: path.directory)
        try draft.write(bytes)
        let sealed = draft.seal()
        try sealed.synchronize()
        try sealed.replace(path)
    }
}

/// What locking came to.
package struct LockReport: Sendable {
    struct Suite: Sendable {
        let name: String
        let path: FilePath
        let releases: [BaseLock.Release]
        let changes: BaseLockChanges

        init(_ section: BaseShelf.Section, _ outcome: BaseLocker.Outcome) {
            name = section.suite.name
            path = section.lockPath
            releases = outcome.lock.releases
            changes = outcome.changes
        }
    }

    var suites: [Suite] = []

    /// A line for each file.
    package var written: [String] = []

    /// What changed, as it may stand in a pull request.
    package var text: [String] {
        suites.flatMap { suite in
            let releases = suite.releases.map { release in
                release.suite + (release.version.isEmpty ? "" : " \(release.version)") + " of \(release.date)"
            }
            let changes = suite.changes.isEmpty ? ["no package changed"] : suite.changes.lines
            return ["\(suite.name): \(releases.joined(separator: ", "))"] + changes.map { "  \($0)" }
        }
    }

    /// For a program.
    package var json: JSON {
        [
            "suites": .array(
                suites.map { suite in
                    var json = JSONObject()
                    json["suite"] = .string(suite.name)
                    json["path"] = .string(suite.path.display)
                    json["changes"] = .array(
                        suite.changes.changes.map { change in
                            var json = JSONObject()
                            json["package"] = .string(change.package)
                            json["architectures"] = .array(change.architectures.map { .string($0) })
                            json["old"] = change.old.map { .string($0) }
                            json["new"] = change.new.map { .string($0) }
                            return .object(json)
                        }
                    )
                    return .object(json)
                }
            )
        ]
    }
}

extension Diagnostic {
    fileprivate static func noShelf(_ suites: [DebianSuite]) -> Diagnostic {
        let wanted = suites.isEmpty ? "bases" : suites.map { "`\($0.name)`" }.joined(separator: ", ")
        return Diagnostic(
            .baseNoShelf,
            "there is no directory with definitions of \(wanted) to lock",
            because: "those in coracle itself come with their lock",
            hint: "name one with `--bases DIR`; coracle finds `Bases` and `coracle.bases` here by itself"
        )
    }
}

extension Diagnostic.Code {
    static let baseNoShelf = Self("base.no-shelf", .notFound)
}
