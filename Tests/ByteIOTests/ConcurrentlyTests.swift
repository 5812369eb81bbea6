import ByteIO
import Diagnostics
import Synchronization
import Testing

@Suite("Several things at a time") struct ConcurrentlyTests {
    private static let failure = Diagnostic(Diagnostic.Code("test.failed", .bug), "it failed")

    /// How many are being worked on, and how many were begun at all.
    private final class Count: Sendable {
        private let numbers = Mutex((now: 0, most: 0, begun: 0))

        var most: Int { numbers.withLock { $0.most } }
        var begun: Int { numbers.withLock { $0.begun } }

        func begin() {
            numbers.withLock { numbers in
                numbers.now += 1
                numbers.begun += 1
                numbers.most = max(numbers.most, numbers.now)
            }
        }

        func end() { numbers.withLock { $0.now -= 1 } }
    }

    @Test("results are in the order of the items, and no more are worked on than may be", arguments: [0, 1, 2, 5, 200])
    func order(width: Int) async throws {
        let count = Count()
        let items = Array(0..<100)
        let outputs = try await concurrently(items, atMost: width) { item async throws(Diagnostic) in
            count.begin()
            // Those begun later end earlier.
            for _ in 0..<(item.isMultiple(of: 2) ? 20 : 1) { await Task.yield() }
            count.end()
            return item * 2
        }
        #expect(outputs == items.map { $0 * 2 })
        #expect(count.begun == 100)
        #expect((1...max(1, width)).contains(count.most))
    }

    @Test("an empty source has no members")
    func empty() async throws {
        let outputs = try await concurrently([Int](), atMost: 4) { item async throws(Diagnostic) in item }
        #expect(outputs == [])
    }

    @Test("after a failure nothing is begun, and what was begun is cancelled")
    func failed() async {
        let count = Count()
        let error = await #expect(throws: Diagnostic.self) {
            try await concurrently(Array(0..<100), atMost: 2) { item async throws(Diagnostic) in
                count.begin()
                defer { count.end() }
                if item == 10 { throw Self.failure }
                // The neighbour of the one that fails ends only because it is cancelled.
                while item == 11, !Task.isCancelled { await Task.yield() }
                return item
            }
        }
        #expect(error?.code == Self.failure.code)
        #expect((11...12).contains(count.begun))
    }
}
