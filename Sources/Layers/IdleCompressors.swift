import Archive
import Diagnostics
import Synchronization

/// Deflate compressors that wait for the next block: making one costs as much as compressing a small block.
final class IdleCompressors: BlockCompressors {
    private let level: Int
    private let idle = Mutex<[Box]>([])

    /// A compressor at rest. It is in the pool or in the hands of one task, so no task ever waits for its lock.
    private final class Box: Sendable {
        let compressor: Mutex<BlockCompressor>
        init(level: Int) { compressor = Mutex(BlockCompressor(level: level)) }
    }

    init(level: Int) { self.level = level }

    func compress(_ block: [UInt8]) throws(Diagnostic) -> [UInt8] {
        let box = idle.withLock { $0.popLast() } ?? Box(level: level)
        defer { idle.withLock { $0.append(box) } }
        return try box.compressor.withLock { compressor throws(Diagnostic) in
            var result: Result<[UInt8], Diagnostic>?
            block.withUnsafeBytes { bytes in
                do throws(Diagnostic) {
                    result = .success(try compressor.compress(bytes))
                } catch {
                    result = .failure(error)
                }
            }
            guard let result else { preconditionFailure("a block without result") }
            return try result.get()
        }
    }
}
