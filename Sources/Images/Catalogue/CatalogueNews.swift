package import BaseLocking
import Bases
package import ByteIO
package import Diagnostics
package import OCI

extension Catalogue {
    /// What signed indexes have of the packages `names` of a system.
    ///
    /// - Parameters:
    ///   - architecture: Debian's name.
    ///   - keyrings: files of keys that may sign; none for the system's own.
    ///   - now: what the indexes' dates are compared with.
    /// - Throws: `offline.refused`, `base.no-mirror`, `gpgv.keyring-missing`; `signature.…`, `release.…`, `mirror.…`.
    package func news(
        of names: Set<String>,
        for architecture: String,
        in system: IndexedRelease,
        trusting keyrings: [FilePath] = [],
        at now: Timestamp
    ) async throws(Diagnostic) -> PackageUpdates {
        try access.refuseOffline("outdated")
        let locker = try locker(trusting: keyrings.isEmpty ? system.keyrings() : keyrings)
        let (news, notes) = try await locker.news(of: names, for: architecture, in: system, at: now)
        for note in notes { access.note(note) }
        return news
    }
}
