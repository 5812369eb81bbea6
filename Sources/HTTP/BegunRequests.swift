internal import Synchronization

/// Number of requests of which something was sent, on whatever connection.
///
/// A request that failed while the number did not change has not reached its server.
final class BegunRequests: Sendable {
    private let number = Atomic(0)

    var count: Int { number.load(ordering: .sequentiallyConsistent) }

    func increment() { number.add(1, ordering: .sequentiallyConsistent) }
}
