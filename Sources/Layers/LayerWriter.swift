import Archive
package import ByteIO
package import Diagnostics
package import OCI
import Synchronization

/// Writes layers: blocks of the tar are rendered and compressed side by side, hashed and written in order.
package struct LayerWriter: Sendable {
    package var compression: LayerCompression
    /// How many blocks are in flight at most, which bounds the memory. It decides no byte of the output.
    private let width: Int

    /// - Parameter cores: how many blocks to work on at a time.
    package init(compression: LayerCompression, cores: Int) {
        self.compression = compression
        // Some more than there are cores, so that none waits while the finished ones are hashed.
        width = max(1, min(cores, 32)) * 2 + 2
    }

    /// Writes `blueprint` as a gzip-compressed tar, reading every input byte once.
    ///
    /// - Throws: `layer.file-changed` if a file no longer is what it was when it was planned with.
    /// image-spec, layer.md § Creating.
    package func write<Sink: ByteSink & ~Copyable>(
        _ blueprint: LayerBlueprint,
        to sink: inout Sink
    ) async throws(Diagnostic) -> WrittenLayer {
        let layout = LayerLayout(blueprint)
        let compressors = CompressorPool(level: compression.level)
        let blockSize = Int64(compression.blockSize)
        let count = Int((layout.size + blockSize - 1) / blockSize)
        var failure: Diagnostic?
        var layer: WrittenLayer?

        await withTaskGroup(of: FinishedBlock.self) { group in
            func add(_ index: Int) {
                group.addTask {
                    let start = Int64(index) * blockSize
                    let size = Int(min(blockSize, layout.size - start))
                    return FinishedBlock(index: index, rendering: layout, from: start, count: size, with: compressors)
                }
            }
            for index in 0..<min(width, count) { add(index) }

            do throws(Diagnostic) {
                var output = LayerOutput()
                try output.begin(&sink)
                var waiting: [Int: FinishedBlock] = [:]
                var next = 0
                while next < count {
                    if let block = waiting.removeValue(forKey: next) {
                        try output.append(try block.result.get(), to: &sink)
                        next += 1
                        if next - 1 + width < count { add(next - 1 + width) }
                    } else if let block = await group.next() {
                        waiting[block.index] = block
                    }
                }
                layer = try output.finish(&sink)
            } catch {
                failure = error
                group.cancelAll()
            }
        }
        if let failure { throw failure }
        guard let layer else { preconditionFailure("a layer without failure and without result") }
        return layer
    }
}

/// One block of a layer, rendered and compressed, or what went wrong with it.
private struct FinishedBlock: Sendable {
    struct Bytes {
        let plain: [UInt8]
        let compressed: [UInt8]
    }

    let index: Int
    let result: Result<Bytes, Diagnostic>

    init(index: Int, rendering layout: LayerLayout, from start: Int64, count: Int, with compressors: CompressorPool) {
        self.index = index
        do throws(Diagnostic) {
            // A failed layer's remaining blocks are not worth reading.
            guard !Task.isCancelled else { throw Diagnostic(.layerCancelled, "the layer was given up") }
            let plain = try layout.render(from: start, count: count)
            result = .success(Bytes(plain: plain, compressed: try compressors.compress(plain)))
        } catch {
            result = .failure(error)
        }
    }
}

/// The layer's bytes in order: both hash chains, the gzip frame, the sizes.
private struct LayerOutput: ~Copyable {
    private var diffID = SHA256Hasher()
    private var digest = SHA256Hasher()
    private var trailer = GzipMember.Trailer()
    private var plainSize: Int64 = 0
    private var compressedSize: Int64 = 0

    mutating func begin<Sink: ByteSink & ~Copyable>(_ sink: inout Sink) throws(Diagnostic) {
        try emit(GzipMember.header, to: &sink)
    }

    mutating func append<Sink: ByteSink & ~Copyable>(
        _ block: FinishedBlock.Bytes,
        to sink: inout Sink
    ) throws(Diagnostic) {
        block.plain.withUnsafeBytes { bytes in
            diffID.update(bytes)
            trailer.update(bytes)
        }
        plainSize += Int64(block.plain.count)
        try emit(block.compressed, to: &sink)
    }

    consuming func finish<Sink: ByteSink & ~Copyable>(_ sink: inout Sink) throws(Diagnostic) -> WrittenLayer {
        try emit(BlockCompressor.terminator + trailer.bytes, to: &sink)
        return WrittenLayer(
            descriptor: Descriptor(mediaType: .layerTarGzip, digest: digest.finalize(), size: compressedSize),
            diffID: DiffID(diffID.finalize()),
            uncompressedSize: plainSize
        )
    }

    private mutating func emit<Sink: ByteSink & ~Copyable>(
        _ bytes: [UInt8],
        to sink: inout Sink
    ) throws(Diagnostic) {
        bytes.withUnsafeBytes { digest.update($0) }
        try sink.write(bytes)
        compressedSize += Int64(bytes.count)
    }
}

/// Compressors that wait for the next block: making one costs as much as compressing a small block.
private final class CompressorPool: Sendable {
    private let level: Int
    private let idle = Mutex<[Box]>([])

    /// A compressor at rest. Sendable, because it is in the pool or in the hands of one task, never both.
    private final class Box: @unchecked Sendable {
        let compressor: BlockCompressor
        init(level: Int) { compressor = BlockCompressor(level: level) }
    }

    init(level: Int) { self.level = level }

    func compress(_ block: [UInt8]) throws(Diagnostic) -> [UInt8] {
        let box = idle.withLock { $0.popLast() } ?? Box(level: level)
        defer { idle.withLock { $0.append(box) } }
        var result: Result<[UInt8], Diagnostic>?
        block.withUnsafeBytes { bytes in
            do throws(Diagnostic) {
                result = .success(try box.compressor.compress(bytes))
            } catch {
                result = .failure(error)
            }
        }
        guard let result else { preconditionFailure("a block without result") }
        return try result.get()
    }
}

extension Diagnostic.Code {
    package static let layerCancelled = Self("layer.cancelled", .bug)
}
