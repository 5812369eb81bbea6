package import Diagnostics
import Dispatch
import Synchronization

/// Does `work` on each of `items`, a few at a time. The results are in the order of `items`.
///
/// - Parameters:
///   - width: number of items that are worked on at the same time, at least 1. They are begun in their order.
///   - work: is cancelled when the work on another item has failed.
/// - Throws: the first error of `work`. No further item is begun then, and those in progress are waited for.
package func concurrently<Item: Sendable, Output: Sendable>(
    _ items: [Item],
    atMost width: Int,
    _ work: @escaping @Sendable (Item) async throws(Diagnostic) -> Output
) async throws(Diagnostic) -> [Output] {
    // Counted by an index: compiler 6.3.1, optimising, lets an iterator that a nested function of the group's body
    // captures write over memory of others.
    @Sendable func outcome(of index: Int) async -> (Int, Result<Output, Diagnostic>) {
        do throws(Diagnostic) {
            return (index, .success(try await work(items[index])))
        } catch {
            return (index, .failure(error))
        }
    }
    let result = await withTaskGroup(
        of: (Int, Result<Output, Diagnostic>).self,
        returning: Result<[Output], Diagnostic>.self
    ) { group in
        var outputs = [Output?](repeating: nil, count: items.count)
        var next = 0
        while next < min(max(1, width), items.count) {
            let index = next
            group.addTask { await outcome(of: index) }
            next += 1
        }
        while let (finished, result) = await group.next() {
            switch result {
            case .success(let output):
                outputs[finished] = output
            case .failure(let error):
                group.cancelAll()
                return .failure(error)
            }
            guard next < items.count else { continue }
            let index = next
            group.addTask { await outcome(of: index) }
            next += 1
        }
        return .success(outputs.compactMap(\.self))
    }
    return try result.get()
}

/// Does nothing, unless the task was cancelled.
///
/// - Throws: `cancelled`. Of several tasks it is never the first error: they are cancelled because one failed.
package func checkCancellation() throws(Diagnostic) {
    guard !Task.isCancelled else { throw .cancelled }
}

extension Diagnostic {
    package static let cancelled = Diagnostic(Code("cancelled", .cancelled), "the task was cancelled")
}

/// The results of `work` for consecutive ranges of `length` indices below `count`, in their order. As many ranges as there
/// are cores are worked on at the same time.
package func inStretches<Output: Sendable>(
    of length: Int,
    _ count: Int,
    _ work: @Sendable (Range<Int>) -> Output
) -> [Output] {
    guard count > length else { return count > 0 ? [work(0..<count)] : [] }
    let stretches = (count + length - 1) / length
    let outputs = Mutex<[Output?]>(Array(repeating: nil, count: stretches))
    DispatchQueue.concurrentPerform(iterations: stretches) { index in
        let output = work(index * length..<min((index + 1) * length, count))
        outputs.withLock { $0[index] = output }
    }
    return outputs.withLock { $0.compactMap(\.self) }
}
