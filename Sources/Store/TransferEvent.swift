package import OCI

/// What happens to a blob on its way from or to a registry, for a progress display.
package enum TransferEvent: Sendable {
    package enum Direction: Hashable, Sendable { case download, upload }

    package enum Outcome: Hashable, Sendable {
        /// All its bytes have come or gone, and are verified.
        case transferred
        /// It was there already.
        case present
        /// The registry has taken it from another of its repositories.
        case mounted(from: RepositoryName)
        case failed
    }

    case began(Descriptor, Direction)
    /// How many bytes have come or gone by now; it falls where a transfer starts again.
    case advanced(Digest, bytes: Int64)
    case ended(Digest, Outcome)
    /// Something failed and is tried again: `attempt` begins, of at most `limit`.
    case retrying(String, attempt: Int, limit: Int, after: Duration, reason: String)
}

/// Called from any thread, often.
package typealias TransferObserver = @Sendable (TransferEvent) -> Void
