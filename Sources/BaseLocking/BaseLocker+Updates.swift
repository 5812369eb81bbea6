import Bases
import Debian
package import Diagnostics
package import OCI

extension BaseLocker {
    /// What the signed indexes of `system` have of the packages `names`.
    ///
    /// - Parameters:
    ///   - architecture: Debian's name.
    ///   - now: the time that the indexes' dates are compared with.
    /// - Returns: the news, and notes such as on a mirror without security updates.
    /// - Throws: `base.no-mirror`; what `SignedRelease` and `PackageIndex` throw.
    package func news(
        of names: Set<String>,
        for architecture: String,
        in system: IndexedRelease,
        at now: Timestamp
    ) async throws(Diagnostic) -> (news: PackageUpdates, notes: [Diagnostic]) {
        try system.require(mirrors)
        let (releases, notes) = try await releases(of: system.archives, at: now, for: "versions are compared")
        var all = PackageIndex(architecture: architecture, keeping: names)
        var security = all
        for component in system.components where component == "main" || names.contains(where: { all[$0] == nil }) {
            for release in releases where component == "main" || release.release.components.contains(component) {
                let file = try await release.packages(of: component, for: architecture, client)
                try all.add(file)
                if release.suite == system.archives.last { try security.add(file) }
            }
        }
        let dates = releases.map { release in
            BaseLock.Release(suite: release.suite, version: release.release.version, date: release.release.date)
        }
        return (PackageUpdates(releases: dates, all: all, security: security), notes)
    }
}
