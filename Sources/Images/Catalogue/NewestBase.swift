import BaseLocking
import Bases
import ByteIO
import Diagnostics
package import OCI

/// A base of the newest packages, for one run.
package struct NewestBase: Sendable {
    /// The full name.
    let name: String
    let lock: BaseLock
    /// What is different from the lock in force.
    let changes: BaseLockChanges

    /// For a program.
    package var json: JSON {
        [
            "base": .string(name), "releases": .array(lock.releases.map(\.json)),
            "changes": .array(changes.changes.map(\.json)),
        ]
    }

    /// For a person.
    var note: Diagnostic {
        let index = lock.releases.map(\.title).joined(separator: ", ")
        let whose = lock.suite.format == .deb ? "Debian's" : "the signed"
        guard !changes.isEmpty else {
            return Diagnostic(
                .baseNewest,
                "`\(name)` has the newest packages, which are those of its lock",
                because: "\(whose) index has no newer ones: \(index)"
            )
        }
        let lines = changes.lines
        let shown = lines.prefix(12).joined(separator: ", ")
        return Diagnostic(
            .baseNewest,
            "`\(name)` has the newest packages, and not those of its lock: \(shown)"
                + (lines.count > 12 ? " and \(lines.count - 12) more" : ""),
            because: "`--latest` takes them from \(whose) index: \(index)",
            hint: "to keep them for later builds: `coracle base lock \(name) --update`"
        )
    }
}

extension Catalogue {
    /// The base with the packages that it is to be made of: the locked ones, or the newest, which are looked up once.
    ///
    /// - Throws: what locking throws; `offline.refused`.
    func settled(_ entry: BaseCatalogue.Entry) async throws(Diagnostic) -> BaseCatalogue.Entry {
        guard let settings = access.settings.bases.newest else { return entry }
        let definition = entry.definition
        let found = try await access.newest(definition.fullName) { () async throws(Diagnostic) in
            try access.refuseOffline(
                "--latest",
                because: "the newest packages are those that the mirrors' signed index lists"
            )
            let outcome = try await lock(
                [definition],
                of: definition.suite,
                replacing: definition.apk == nil ? nil : entry.section.lock,
                for: entry.section.lock.map(\.architectures),
                LockTerms(keyrings: settings.keyrings),
                at: settings.now
            )
            for line in outcome.notes { access.note(line) }
            let names = Set(outcome.lock.packages.values.flatMap { $0.map(\.name) })
            let changes = BaseLockChanges(from: entry.section.lock?.keeping(names), to: outcome.lock)
            let base = NewestBase(name: definition.fullName, lock: outcome.lock, changes: changes)
            access.note(base.note)
            return base
        }
        return entry.locked(by: found.lock, at: entry.section.lockPath, from: .index)
    }

    /// - Throws: `base.unlocked`, if bases have to be locked by a project or beside their definition, and this one is not.
    func requireLock(of entry: BaseCatalogue.Entry) throws(Diagnostic) {
        guard access.settings.bases.needsLock, entry.section.lockSource == .coracle else { return }
        let name = entry.definition.fullName
        throw Diagnostic(
            .baseUnlocked,
            "the project does not lock `\(name)`",
            at: .option("--locked"),
            because: "`\(ProjectLock.fileName)` does not name it, and the lock in coracle changes with coracle",
            hint: "lock it: `coracle base lock \(name)`"
        )
    }
}

extension BaseSettings {
    /// Where the lock of the project is, or would be; `nil` if none is wanted.
    var projectLockPath: FilePath? {
        switch lock {
        case .usual: project?.appending(ProjectLock.fileName) ?? FilePath(ProjectLock.fileName)
        case .file(let path): path
        case .none: nil
        }
    }

    /// The lock of the project; `nil` if there is none.
    ///
    /// - Throws: what is wrong with the file; `base.lock-missing` for one that was named and is not there.
    func projectLock() throws(Diagnostic) -> ProjectLock.File? {
        guard let path = projectLockPath else { return nil }
        let file = try ProjectLock.File(readingFrom: path)
        if file.exists { return file }
        guard lock != .usual, !writesLock else { return nil }
        throw Diagnostic(
            .baseLockMissing,
            "there is no lock `\(path.display)`",
            at: .option("--lock"),
            hint: "make it: `coracle base lock NAME --lock \(path.display)`"
        )
    }
}

extension BaseLock.Release {
    /// For a person: `trixie 13.8 of 2026-11-21T09:15:44Z`.
    var title: String { suite + (version.isEmpty ? "" : " \(version)") + " of \(date)" }

    /// For a program.
    var json: JSON {
        var json = JSONObject()
        json["suite"] = .string(suite)
        json["version"] = version.isEmpty ? nil : .string(version)
        json["date"] = .string(date.description)
        return .object(json)
    }
}

extension BaseLockChanges.Change {
    /// For a program.
    var json: JSON {
        var json = JSONObject()
        json["package"] = .string(package)
        json["architectures"] = .array(architectures.map { .string($0) })
        json["old"] = old.map { .string($0) }
        json["new"] = new.map { .string($0) }
        return .object(json)
    }
}

extension Diagnostic.Code {
    static let baseNewest = Self("base.newest", .notFound)
    static let baseUnlocked = Self("base.unlocked", .policy)
}
