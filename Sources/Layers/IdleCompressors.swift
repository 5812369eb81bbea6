import Archive
import Diagnostics
import Synchronization

/// A compressor that serves one block after the other.
protocol LeveledCompressor: ~Copyable {
    /// A new one, which no one else has.
    static func made(level: Int) -> sending Self
}

extension BlockCompressor: LeveledCompressor {
    static func made(level: Int) -> sending BlockCompressor { BlockCompressor(level: level) }
}

extension GzipCompressor: LeveledCompressor {
    static func made(level: Int) -> sending GzipCompressor { GzipCompressor(level: level) }
}

extension ZstdCompressor: LeveledCompressor {
    static func made(level: Int) -> sending ZstdCompressor { ZstdCompressor(level: level) }
}

/// Compressors that wait for the next block: making one costs as much as compressing a small block.
final class IdleCompressors<Compressor: LeveledCompressor & ~Copyable>: Sendable {
    private let level: Int
    private let idle = Mutex<[Box]>([])

    /// A compressor at rest. It is in the pool or in the hands of one task, so no task ever waits for its lock.
    private final class Box: Sendable {
        let compressor: Mutex<Compressor>
        init(level: Int) { compressor = Mutex(Compressor.made(level: level)) }
    }

    init(level: Int) { self.level = level }

    func use<Output: Sendable>(
        _ body: (borrowing Compressor) throws(Diagnostic) -> Output
    ) throws(Diagnostic) -> Output {
        let box = idle.withLock { $0.popLast() } ?? Box(level: level)
        defer { idle.withLock { $0.append(box) } }
        return try box.compressor.withLock { compressor throws(Diagnostic) in try body(compressor) }
    }
}
