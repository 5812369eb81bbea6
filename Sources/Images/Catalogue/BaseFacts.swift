package import Bases
import ByteIO
package import Diagnostics
import Lifetimes
package import OCI

/// What is known of a base without its packages.
package struct BaseFacts: Sendable {
    /// The packages of one architecture, in the order of the layers.
    package struct PackageList: Sendable {
        package let architecture: String
        package let packages: [BaseLock.Package]
    }

    package let entry: BaseCatalogue.Entry
    /// Its own, and those by which it is found, too.
    package let names: [String]
    /// By Debian's names of architectures, in the order of the layers; none where nothing is locked, or for other
    /// definitions.
    package let packages: [PackageList]
    private let now: Timestamp

    /// - Throws: what is wrong with the lock, unless it is that it is missing or stale.
    package init(_ entry: BaseCatalogue.Entry, in bases: BaseCatalogue, at now: Timestamp) throws(Diagnostic) {
        self.entry = entry
        self.now = now
        let definition = entry.definition
        let short = entry.variant.description.isEmpty ? definition.name : "\(definition.name):\(entry.variant)"
        let isNewest = try bases.find(short)?.definition.fullName == definition.fullName
        names = isNewest ? [entry.name, short] : [entry.name]
        var packages = [PackageList]()
        if let lock = entry.section.lock {
            for architecture in lock.architectures {
                do throws(Diagnostic) {
                    let list = try lock.packages(of: definition, entry.variant, for: architecture)
                    packages.append(PackageList(architecture: architecture, packages: list))
                } catch {
                    guard error.code == .baseLockStale || error.code == .baseLockArchitecture else { throw error }
                }
            }
        }
        self.packages = packages
    }

    var purpose: String { entry.definition.purpose }
    package var libc: String? { entry.libc }
    package var hasShell: Bool { entry.hasShell }
    package var isRoot: Bool { entry.variant.isRoot ?? entry.definition.isRootByDefault }
    package var user: String { isRoot ? "root" : "nonroot" }

    /// Size of the packages that are fetched for the first architecture, in bytes.
    package var size: Int64? { packages.first.map { Self.size(of: $0.packages) } }

    package static func size(of packages: [BaseLock.Package]) -> Int64 {
        packages.reduce(0) { $0.addingClamped($1.size) }
    }

    var lockDate: Timestamp? { packages.isEmpty ? nil : entry.section.lock?.date }

    /// Whole days since the lock's index was made.
    var ageInDays: Int64? { lockDate.map { max(0, (now.secondsSince1970 - $0.secondsSince1970) / 86400) } }

    /// The file that locks the packages; `nil` for a lock in coracle itself.
    package var lockPath: String? {
        guard entry.section.lock != nil, entry.section.lockSource != .coracle else { return nil }
        return entry.section.lockPath.display
    }

    /// How old the lock is, and the lock of the project by its name, which is not the usual one.
    package var lockTitle: String? {
        guard let age, entry.section.lockSource == .project, let lockPath else { return age }
        return "\(age) (\(lockPath))"
    }

    /// `today`, `12 days ago`; `stale` for a lock of other definitions; `nil` without one.
    package var age: String? {
        guard let days = ageInDays else { return entry.section.lock == nil ? nil : "stale" }
        return switch days {
        case 0: "today"
        case 1: "1 day ago"
        default: "\(days) days ago"
        }
    }

    package var hasEnded: Bool { String(now.description.prefix(10)) > entry.definition.endOfLife }

    /// The last day on which the system's own team makes security updates, if it is not the last day of all.
    package var regularSupportEnd: String? {
        let suite = entry.definition.suite
        let end = EndOfLife.of(id: suite.systemID, version: suite.version ?? "")?.date
        return end.flatMap { $0 < entry.definition.endOfLife ? $0 : nil }
    }

    /// Whether only the team of Debian's long-term support makes security updates.
    package var isLongTerm: Bool {
        guard !hasEnded, let regularSupportEnd else { return false }
        return String(now.description.prefix(10)) > regularSupportEnd
    }

    /// The last day with security updates, whether it is past, and whether they are those of long-term support.
    package var lifetime: String { entry.definition.endOfLife + (hasEnded ? " (past)" : isLongTerm ? " (LTS)" : "") }

    /// For a program.
    package var json: JSONObject {
        var json = JSONObject()
        json["name"] = .string(entry.name)
        json["names"] = .array(names.map { .string($0) })
        json["for"] = .string(purpose)
        json["size"] = size.map { .int($0) }
        json["libc"] = libc.map { .string($0) }
        json["shell"] = .bool(hasShell)
        json["user"] = .string(user)
        json["locked"] = lockDate.map { .string($0.description) }
        json["lockAgeDays"] = ageInDays.map { .int($0) }
        json["lock"] = lockPath.map { .string($0) }
        json["endOfLife"] = .string(entry.definition.endOfLife)
        json["hasEnded"] = .bool(hasEnded)
        json["regularSupportEnd"] = regularSupportEnd.map { .string($0) }
        json["isLongTerm"] = .bool(isLongTerm)
        json["architectures"] = .array(packages.map { .string($0.architecture) })
        return json
    }
}
