package import ByteIO

/// How far a file's stamp is trusted.
package struct StampTrust: Hashable, Sendable {
    /// No stamp is trusted, and none is kept to be trusted later.
    package static let none = StampTrust(startedAt: nil)

    /// When the files began to be looked at, in seconds since 1970; `nil` if unknown.
    private let startedAt: Int64?

    package init(startedAt: Int64?) { self.startedAt = startedAt }

    /// Whether a file that still has this stamp later is still the same.
    ///
    /// Clocks of file systems tick as seldom as every two seconds: what is changed twice in a tick looks as if it had been
    /// changed once.
    package func isSettled(_ stamp: FileStamp) -> Bool {
        guard let startedAt else { return false }
        let limit = startedAt.subtractingReportingOverflow(2)
        return !limit.overflow && stamp.modifiedSeconds < limit.partialValue
            && stamp.changedSeconds < limit.partialValue
    }
}
