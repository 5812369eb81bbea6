import Debian
package import Diagnostics
package import OCI

/// The newest versions of packages, as Debian's signed indexes have them.
package struct PackageNews: Sendable {
    /// A package that has a newer version.
    package struct Update: Hashable, Sendable {
        package let name: String
        package let old: String
        package let new: String
        /// Whether the security suite has a version that is newer than the old one.
        package let isSecurity: Bool

        package init(name: String, old: String, new: String, isSecurity: Bool) {
            (self.name, self.old, self.new, self.isSecurity) = (name, old, new, isSecurity)
        }
    }

    /// The signed indexes that were asked.
    package let releases: [BaseLock.Release]
    private let all: PackageIndex
    private let security: PackageIndex

    init(releases: [BaseLock.Release], all: PackageIndex, security: PackageIndex) {
        (self.releases, self.all, self.security) = (releases, all, security)
    }

    /// The update of an installed package; `nil` if there is no newer version, or none of that name.
    package func update(of name: String, from version: String) -> Update? {
        guard let old = try? DebianVersion(parsing: version), let newest = all[name], old < newest.version else {
            return nil
        }
        let isSecurity = security[name].map { old < $0.version } ?? false
        return Update(name: name, old: version, new: newest.version.description, isSecurity: isSecurity)
    }
}

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
    ) async throws(Diagnostic) -> (news: PackageNews, notes: [Diagnostic]) {
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
        return (PackageNews(releases: dates, all: all, security: security), notes)
    }
}
