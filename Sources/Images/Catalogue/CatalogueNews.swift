package import Bases
package import ByteIO
package import Diagnostics
package import OCI

extension Catalogue {
    /// What Debian's signed indexes have of the packages `names` of a suite.
    ///
    /// - Parameters:
    ///   - architecture: Debian's name.
    ///   - keyrings: files of keys that may sign; none for Debian's own.
    ///   - now: what the indexes' dates are compared with.
    /// - Throws: `offline.refused`, `base.no-mirror`; `signature.…`, `release.…`, `mirror.…`.
    package func news(
        of names: Set<String>,
        for architecture: String,
        in suite: DebianSuite,
        trusting keyrings: [FilePath] = [],
        at now: Timestamp
    ) async throws(Diagnostic) -> PackageNews {
        try access.refuseOffline("outdated")
        let locker = try locker(trusting: keyrings)
        let (news, notes) = try await locker.news(of: names, for: architecture, in: suite, at: now)
        for note in notes { access.note(note) }
        return news
    }
}
