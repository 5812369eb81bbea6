package import Bases
import Debian

/// The newest versions of packages, as Debian's signed indexes have them.
package struct PackageUpdates: Sendable {
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
