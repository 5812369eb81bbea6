extension Diagnostic {
    /// Who has to act, which is also what the process exits with.
    package enum Category: Int32, Hashable, Sendable {
        /// A bug in coracle.
        case bug = 1
        /// The command line, or a reference's syntax.
        case usage = 2
        /// An input: an app directory, a binary, a certificate file, a configuration file.
        case input = 3
        /// Content that does not verify, or that is not supported.
        case verification = 4
        /// A registry that wants to know who asks.
        case authentication = 5
        /// A network, or a registry, after all retries.
        case network = 6
        /// An image that is not where it was looked for.
        case notFound = 7
        /// This machine: a full disk, a missing permission, a read-only file system.
        case localIO = 8
        /// A check or a policy refused.
        case policy = 9
        /// The caller: the task was cancelled.
        case cancelled = 130
    }
}

extension Diagnostic.Code {
    /// For words of a command line that are not understood.
    package static let usageMalformed = Self("usage.malformed", .usage)
    package static let usageConflict = Self("usage.conflict", .usage)
}
