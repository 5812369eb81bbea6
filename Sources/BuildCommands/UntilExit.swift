import Synchronization

/// What the process has until it ends.
///
/// To take what is known of 30,000 files apart, piece by piece, takes as long as to hash it; the kernel forgets it as a whole.
enum UntilExit {
    private static let kept = Mutex<[any Sendable]>([])

    /// Keeps `value`, which is plain data: nothing is closed or deleted with it.
    static func keep(_ value: some Sendable) { kept.withLock { $0.append(value) } }
}
