import Archive
package import ByteIO
package import Diagnostics
/// Writes layers: blocks of the tar are rendered and compressed side by side, hashed and written in order.
package struct LayerWriter: Sendable {
    /// A layer, and what it takes to write it again.
    package struct Result: Sendable {
        package let table: BlockTable
        /// How many of its blocks are the previous layer's.
        package let reusedCount: Int
    }

    /// How many blocks are in flight at most, which bounds the memory. It decides no byte of the output.
    private let width: Int

    /// - Parameter cores: how many blocks to work on at a time.
    package init(cores: Int) {
        // Some more than there are cores, so that none waits while the finished ones are hashed.
        width = max(1, min(cores, 32)) * 2 + 2
    }

    /// Writes a gzip-compressed tar, reading every input byte once.
    ///
    /// What the previous layer has already is taken from there: its blocks at the front with the state of the hashes
    /// behind them, others as they are compressed. The bytes are those that come out without a previous layer.
    ///
    /// - Throws: `layer.file-changed` if a file no longer is what it was when it was planned with;
    ///   `layer.previous-rotten` if the previous layer cannot be used.
    /// image-spec, layer.md § Creating.
    package func write<Sink: ByteSink & ~Copyable>(
        _ work: LayerComparison,
        to sink: inout Sink
    ) async throws(Diagnostic) -> Result {
        let compressors = CompressorPool(level: work.compression.level)
        let count = work.blocks.count
        var failure: Diagnostic?
        var result: Result?

        await withTaskGroup(of: FinishedBlock.self) { group in
            func add(_ index: Int) {
                group.addTask { FinishedBlock(index, of: work, with: compressors) }
            }
            let first = work.unchangedCount
            for index in first..<min(first + width, count) { add(index) }

            do throws(Diagnostic) {
                var output = LayerOutput()
                try output.begin(with: work, &sink)
                var waiting: [Int: FinishedBlock] = [:]
                var next = first
                while next < count {
                    if let block = waiting.removeValue(forKey: next) {
                        try output.append(try block.result.get(), work.identities[next], to: &sink)
                        next += 1
                        if next - 1 + width < count { add(next - 1 + width) }
                    } else if let block = await group.next() {
                        waiting[block.index] = block
                    }
                }
                result = try output.finish(work.compression, &sink)
            } catch {
                failure = error
                group.cancelAll()
            }
        }
        if let failure { throw failure }
        guard let result else { preconditionFailure("a layer without failure and without result") }
        return result
    }
}

/// One block of a layer, rendered and compressed, or what went wrong with it.
struct FinishedBlock: Sendable {
    struct Bytes {
        let plain: [UInt8]
        let compressed: [UInt8]
        /// CRC-32 of that.
        let compressedChecksum: UInt32
        /// Whether the previous layer had it.
        let isReused: Bool

        init(plain: [UInt8], compressed: [UInt8], isReused: Bool) {
            self.plain = plain
            self.compressed = compressed
            self.isReused = isReused
            compressedChecksum = GzipMember.checksum(of: compressed)
        }
    }

    let index: Int
    let result: Result<Bytes, Diagnostic>

    init(_ index: Int, of work: LayerComparison, with compressors: CompressorPool) {
        self.index = index
        do throws(Diagnostic) {
            // A failed layer's remaining blocks are not worth reading.
            guard !Task.isCancelled else { throw Diagnostic(.layerCancelled, "the layer was given up") }
            result = .success(try Self.bytes(index, of: work, with: compressors))
        } catch {
            result = .failure(error)
        }
    }

    private static func bytes(
        _ index: Int,
        of work: LayerComparison,
        with compressors: CompressorPool
    ) throws(Diagnostic) -> Bytes {
        let block = work.blocks[index]
        switch (work.matches[index], work.previous) {
        case (.same(let old), let previous?):
            let compressed = try previous.compressed(old)
            return Bytes(plain: try previous.plain(old, from: compressed), compressed: compressed, isReused: true)
        case (.similar(let old), let previous?):
            let plain = try work.layout.render(from: block.start, count: block.size)
            let compressed = try previous.compressed(old)
            if plain.hasSameBytes(as: try previous.plain(old, from: compressed)) {
                return Bytes(plain: plain, compressed: compressed, isReused: true)
            }
            return Bytes(plain: plain, compressed: try compressors.compress(plain), isReused: false)
        default:
            let plain = try work.layout.render(from: block.start, count: block.size)
            return Bytes(plain: plain, compressed: try compressors.compress(plain), isReused: false)
        }
    }
}

extension Diagnostic.Code {
    package static let layerCancelled = Self("layer.cancelled", .bug)
}
