import BaseLocking
import Bases
package import ByteIO
import Debian
package import Diagnostics
package import OCI

extension Catalogue {
    /// Locks packages, and writes what is different: of bases into the lock of the project, of suites beside the definitions in
    /// the user's directories.
    ///
    /// - Parameters:
    ///   - names: suites, such as `debian13`, and bases, such as `debian13/cc`; none for what the lock of the project
    ///     names, or, without one, for all definitions in the user's directories.
    ///   - isUpdating: whether packages that are locked already get their newest version, too.
    ///   - terms: whose signatures count, and what is locked.
    ///   - isDryRun: whether nothing is written.
    ///   - now: what the indexes' dates are compared with.
    /// - Throws: `base.no-shelf`, `base.suite-unknown`, `base.unknown`, `base.no-mirror`, `base.lock-changed`; `signature.…`,
    ///   `release.…`, `mirror.…`; `io.failed`.
    package func lock(
        _ names: [String] = [],
        updating isUpdating: Bool,
        on terms: LockTerms = LockTerms(),
        isDryRun: Bool = false,
        at now: Timestamp
    ) async throws(Diagnostic) -> LockReport {
        try access.refuseOffline("base lock", because: "the command needs a mirror")
        for name in terms.architectures where Platform(debian: name) == nil { throw .unknownArchitecture(name) }
        var suites = [DebianSuite]()
        var bases = [BaseCatalogue.Entry]()
        for name in names {
            if Self.isSuite(name) {
                suites.append(try DebianSuite(named: name))
            } else {
                bases.append(try self.bases.entry(named: name))
            }
        }
        let project = access.settings.bases.projectLockPath
        let present = try access.projectLock()
        let hasProject = names.isEmpty && present?.exists == true
        let sections = self.bases.shelves.filter { $0.path != nil }.flatMap(\.sections).filter { section in
            names.isEmpty ? !hasProject : suites.contains(section.suite)
        }
        guard !sections.isEmpty || !bases.isEmpty || hasProject else { throw .noShelf(suites) }
        for suite in suites where !sections.contains(where: { $0.suite == suite }) { throw .noShelf([suite]) }
        var report = LockReport()
        if hasProject || !bases.isEmpty {
            guard let project else { throw .noProjectLock }
            try await lock(bases, in: project, isUpdating, isDryRun, terms, at: now, &report)
        }
        for section in sections {
            let outcome = try await lock(
                section.definitions,
                of: section.suite,
                replacing: section.lock,
                isUpdating: isUpdating,
                terms,
                at: now
            )
            for line in outcome.notes { access.note(line) }
            report.suites.append(
                LockReport.Suite(outcome.lock, bases: nil, at: section.lockPath, changes: outcome.changes)
            )
            if outcome.lock == section.lock || isDryRun { continue }
            try Self.write(outcome.lock.encoded, to: section.lockPath)
            report.written.append("wrote \(section.lockPath.display)")
        }
        return report
    }

    /// Whether `name` can only be meant as a release: `debian13`.
    private static func isSuite(_ name: String) -> Bool {
        if (try? DebianSuite(named: name)) != nil { return true }
        return name.hasPrefix("debian") && name.count > 6 && name.dropFirst(6).allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// Locks `definitions`, which are of `suite`, by the indexes of its format.
    func lock(
        _ definitions: [BaseDefinition],
        of suite: DebianSuite,
        replacing old: BaseLock?,
        for architectures: [String]? = nil,
        isUpdating: Bool = true,
        _ terms: LockTerms,
        at now: Timestamp
    ) async throws(Diagnostic) -> BaseLocker.Outcome {
        switch suite.format {
        case .deb:
            var locker = try locker(trusting: terms.keyrings.filter { !$0.isApkKey })
            locker.architectures = terms.architectures
            locker.allowsIncomplete = terms.allowsIncomplete
            return try await locker.lock(
                definitions,
                of: suite,
                replacing: old,
                isUpdating: isUpdating,
                for: architectures,
                at: now
            )
        case .apk:
            let locker = ApkLocker(
                try access.transport(),
                from: try mirrors,
                into: try fetcher(),
                trusting: terms.keyrings.filter(\.isApkKey)
            ) { [observe = access.observe] event in observe(event) }
            return try await locker.lock(
                definitions,
                of: suite,
                replacing: old,
                isUpdating: isUpdating,
                allowsOlder: terms.allowsOlder
            )
        }
    }

    func locker(trusting keyrings: [FilePath]) throws(Diagnostic) -> BaseLocker {
        let environment = access.settings.environment
        let gpgv =
            keyrings.isEmpty
            ? try Gpgv(environment: environment) : try Gpgv(keyrings: keyrings, environment: environment)
        return BaseLocker(try access.transport(), from: try mirrors, verifiedBy: gpgv) {
            [observe = access.observe] event in observe(event)
        }
    }

    // MARK: The lock of the project

    /// Another process may write the lock meanwhile: what it wrote is read, and the work done again, so many times.
    private static let tries = 3

    /// - Parameter bases: those to add; none to lock again what the file names.
    private func lock(
        _ bases: [BaseCatalogue.Entry],
        in path: FilePath,
        _ isUpdating: Bool,
        _ isDryRun: Bool,
        _ terms: LockTerms,
        at now: Timestamp,
        _ report: inout LockReport
    ) async throws(Diagnostic) {
        for _ in 1...Self.tries {
            let file = try ProjectLock.File(readingFrom: path)
            var (lock, suites) = (file.lock, [LockReport.Suite]())
            for (suite, definitions) in try wanted(bases, in: file.lock) {
                let old = file.lock.lock(of: suite)
                let outcome = try await self.lock(
                    definitions,
                    of: suite,
                    replacing: old,
                    isUpdating: isUpdating,
                    terms,
                    at: now
                )
                for line in outcome.notes { access.note(line) }
                lock = lock.replacing(outcome.lock)
                suites.append(
                    LockReport.Suite(
                        outcome.lock,
                        bases: definitions.map(\.fullName),
                        at: path,
                        changes: BaseLockChanges(from: before(outcome.lock, old, definitions), to: outcome.lock)
                    )
                )
            }
            if !isDryRun {
                guard try file.replace(with: lock) else { continue }
            }
            report.suites += suites
            if !isDryRun, !file.exists || lock != file.lock { report.written.append("wrote \(path.display)") }
            return
        }
        throw Diagnostic(
            .baseLockChanged,
            "`\(path.display)` was changed while its packages were looked up, \(Self.tries) times",
            at: .file(path: path.display),
            because: "another process writes it",
            hint: "wait for it, and run the command again"
        )
    }

    /// What is to be locked: for each suite of `bases` these, and those that are locked already, because they share packages.
    private func wanted(
        _ bases: [BaseCatalogue.Entry],
        in lock: ProjectLock
    ) throws(Diagnostic) -> [(DebianSuite, [BaseDefinition])] {
        var wanted: [DebianSuite: [String: BaseDefinition]] = [:]
        for base in bases { wanted[base.definition.suite, default: [:]][base.definition.name] = base.definition }
        for old in lock.locks where bases.isEmpty || wanted[old.suite] != nil {
            for name in old.definitions.keys.sorted() {
                let entry = try self.bases.entry(named: "\(old.suite.name)/\(name)")
                wanted[old.suite, default: [:]][name] = entry.definition
            }
        }
        return wanted.sorted { $0.key > $1.key }.map { suite, definitions in
            (suite, definitions.values.sorted { $0.name < $1.name })
        }
    }

    /// What the packages of `new` were before: of the lock of the project, else of the lock that was in force.
    private func before(_ new: BaseLock, _ old: BaseLock?, _ definitions: [BaseDefinition]) -> BaseLock? {
        var packages = old?.packages ?? [:]
        for shelf in bases.shelves {
            for section in shelf.sections where section.suite == new.suite {
                guard let lock = section.lock, definitions.contains(where: section.definitions.contains) else {
                    continue
                }
                for (architecture, list) in new.packages {
                    let known = Set((packages[architecture] ?? []).map(\.name))
                    let names = Set(list.map(\.name)).subtracting(known)
                    packages[architecture, default: []] +=
                        (lock.packages[architecture] ?? []).filter { names.contains($0.name) }
                }
            }
        }
        return BaseLock(suite: new.suite, releases: [], definitions: [:], packages: packages)
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

/// Whose signatures count when packages are locked, and what is locked.
package struct LockTerms: Sendable {
    /// Files of keys that may sign; none for those of Debian and of definitions. Keys of apk packages have names that end in `.pub`.
    let keyrings: [FilePath]
    /// Whether an index of apk packages, which never expires, may be older than the one of the lock.
    let allowsOlder: Bool
    /// Debian's names, instead of the usual ones; those that are locked stay.
    let architectures: [String]
    /// Whether an architecture is locked without updates that a mirror of Debian signs, and does not have.
    let allowsIncomplete: Bool

    package init(
        keyrings: [FilePath] = [],
        allowsOlder: Bool = false,
        architectures: [String] = [],
        allowsIncomplete: Bool = false
    ) {
        self.keyrings = keyrings
        self.allowsOlder = allowsOlder
        self.architectures = architectures
        self.allowsIncomplete = allowsIncomplete
    }
}

extension FilePath {
    fileprivate var isApkKey: Bool { name.hasSuffix(".pub") }
}

/// What locking came to.
package struct LockReport: Sendable {
    struct Suite: Sendable {
        let name: String
        /// Full names; `nil` for all that are defined in the file's directory.
        let bases: [String]?
        let path: FilePath
        let releases: [BaseLock.Release]
        let changes: BaseLockChanges

        init(_ lock: BaseLock, bases: [String]?, at path: FilePath, changes: BaseLockChanges) {
            name = lock.suite.name
            self.bases = bases
            self.path = path
            releases = lock.releases
            self.changes = changes
        }
    }

    var suites: [Suite] = []

    /// A line for each file.
    package var written: [String] = []

    /// Whether a package has another version.
    package var hasChanges: Bool { suites.contains { !$0.changes.isEmpty } }

    /// What changed, as it may stand in a pull request.
    package var text: [String] {
        suites.flatMap { suite in
            let releases = suite.releases.map(\.title).joined(separator: ", ")
            let changes = suite.changes.isEmpty ? ["no package changed"] : suite.changes.lines
            let title = suite.bases.map { $0.joined(separator: ", ") } ?? suite.name
            return ["\(title): \(releases)"] + changes.map { "  \($0)" }
        }
    }

    /// For a program.
    package var json: JSON {
        [
            "suites": .array(
                suites.map { suite in
                    var json = JSONObject()
                    json["suite"] = .string(suite.name)
                    json["bases"] = suite.bases.map { .array($0.map { .string($0) }) }
                    json["path"] = .string(suite.path.display)
                    json["changes"] = .array(suite.changes.changes.map(\.json))
                    return .object(json)
                }
            )
        ]
    }
}

extension Catalogue {
    /// Whether something is locked here: by the project, or beside definitions of the user.
    package var hasLocks: Bool {
        get throws(Diagnostic) {
            let hasProject = try access.projectLock()?.exists == true
            return hasProject || bases.shelves.contains { $0.path != nil }
        }
    }

    /// The full names of the bases that the project locks, and its lock as it was named; `nil` without one.
    package var projectBases: (path: FilePath, names: [String])? {
        get throws(Diagnostic) {
            guard let file = try access.projectLock(), file.exists else { return nil }
            return (file.path, file.lock.bases)
        }
    }
}

extension Diagnostic {
    fileprivate static func noShelf(_ suites: [DebianSuite]) -> Diagnostic {
        let wanted = suites.isEmpty ? "bases" : suites.map { "`\($0.name)`" }.joined(separator: ", ")
        return Diagnostic(
            .baseNoShelf,
            "there is no directory with definitions of \(wanted) to lock",
            because: "those in coracle itself come with their lock",
            hint:
                "lock the bases of a project: `coracle base lock \((suites.first ?? DebianSuite.known[0]).name)/cc`; or name a directory of definitions with `--bases DIR`"
        )
    }

    fileprivate static func unknownArchitecture(_ name: String) -> Diagnostic {
        let known = Platform.debianArchitectures
        return Diagnostic(
            .usageMalformed,
            "`\(name.excerpt)` is not an architecture that bases are made for",
            at: .option("--arch"),
            because: "by Debian's names there are \(known.joined(separator: ", "))",
            hint: Spelling.closest(to: name, among: known).map { "did you mean `\($0)`?" }
        )
    }

    fileprivate static var noProjectLock: Diagnostic {
        Diagnostic(
            .usageConflict,
            "`--no-lock` and a base to lock contradict each other",
            at: .option("--no-lock"),
            hint: "leave out `--no-lock`"
        )
    }
}

extension Diagnostic.Code {
    static let baseLockChanged = Self("base.lock-changed", .localIO)
    static let baseNoShelf = Self("base.no-shelf", .notFound)
}
