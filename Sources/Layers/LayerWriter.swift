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

    /// How writing a layer ended.
    package enum Outcome: Sendable {
        case written(Result)
        /// The wanted number of bytes was reached before the layer's end.
        case stopped
        /// The previous layer is not what its table says: what was written is of no use.
        case corruptPrevious
    }

    /// How many blocks are in flight at most, which bounds the memory. It decides no byte of the output.
    private let width: Int

    /// - Parameter cores: how many blocks to work on at a time.
    package init(cores: Int) {
        // More than there are cores, so that every core has work while finished blocks are hashed.
        width = max(1, min(cores, 32)) * 2 + 2
    }

    /// Writes a layer, reading every input byte once.
    ///
    /// - Throws: `layer.file-changed` if a file no longer is what it was when it was planned with.
    /// image-spec, layer.md § Creating.
    package func write<Sink: ByteSink & ~Copyable>(
        _ blueprint: LayerBlueprint,
        _ compression: LayerCompression,
        to sink: inout Sink
    ) async throws(Diagnostic) -> Result {
        guard case .written(let result) = try await write(LayerComparison(blueprint, compression), to: &sink) else {
            preconditionFailure("a layer without a previous one was not written to its end")
        }
        return result
    }

    /// Writes a layer beside an earlier one.
    ///
    /// What the previous layer has already is taken from there: its blocks at the front with the state of the hashes
    /// behind them, others as they are compressed. The bytes are those that come out without a previous layer.
    ///
    /// - Parameter limit: how many bytes of the blob are wanted; some more may be written.
    /// - Throws: `layer.file-changed` if a file no longer is what it was when it was planned with.
    package func write<Sink: ByteSink & ~Copyable>(
        _ work: LayerComparison,
        to sink: inout Sink,
        upTo limit: Int64 = .max
    ) async throws(Diagnostic) -> Outcome {
        let compressors = work.compression.codec.compressors(level: work.compression.level)
        let count = work.blocks.count
        var failure: Diagnostic?
        var outcome = Outcome.stopped

        await withTaskGroup(of: FinishedBlock.self) { group in
            func add(_ index: Int) {
                group.addTask { FinishedBlock(index, of: work, with: compressors) }
            }
            let first = work.unchangedCount
            for index in first..<min(first + width, count) { add(index) }
            // What is left over when the layer is given up is not worth finishing.
            defer { group.cancelAll() }

            do throws(Diagnostic) {
                var output = LayerOutput(work.compression)
                guard try output.begin(with: work, &sink) else {
                    outcome = .corruptPrevious
                    return
                }
                var waiting: [Int: FinishedBlock] = [:]
                var next = first
                while next < count {
                    guard output.compressedSize < limit else { return }
                    guard let block = waiting.removeValue(forKey: next) else {
                        if let block = await group.next() { waiting[block.index] = block }
                        continue
                    }
                    guard let bytes = try block.result.get() else {
                        outcome = .corruptPrevious
                        return
                    }
                    try output.append(bytes, work.identities[next], to: &sink)
                    next += 1
                    if next - 1 + width < count { add(next - 1 + width) }
                }
                outcome = .written(try output.finish(&sink))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return outcome
    }
}

/// One block of a layer, rendered and compressed, or what went wrong with it.
struct FinishedBlock: Sendable {
    struct Bytes {
        let plain: [UInt8]
        let compressed: [UInt8]
        let compressedChecksum: CRC32
        /// Whether the previous layer had it.
        let isReused: Bool

        init(plain: [UInt8], compressed: [UInt8], isReused: Bool) {
            self.plain = plain
            self.compressed = compressed
            self.isReused = isReused
            compressedChecksum = CRC32(of: compressed)
        }
    }

    let index: Int
    /// `nil` if the previous layer is corrupt.
    let result: Result<Bytes?, Diagnostic>

    init(_ index: Int, of work: LayerComparison, with compressors: any BlockCompressors) {
        self.index = index
        do throws(Diagnostic) {
            // A failed layer's remaining blocks are not worth reading.
            try checkCancellation()
            result = .success(try Self.bytes(index, of: work, with: compressors))
        } catch {
            result = .failure(error)
        }
    }

    private static func bytes(
        _ index: Int,
        of work: LayerComparison,
        with compressors: any BlockCompressors
    ) throws(Diagnostic) -> Bytes? {
        let block = work.blocks[index]
        switch (work.matches[index], work.previous) {
        case (.same(let old), let previous?):
            guard let compressed = previous.compressed(old), let plain = previous.plain(old, from: compressed) else {
                return nil
            }
            return Bytes(plain: plain, compressed: compressed, isReused: true)
        case (.similar(let old), let previous?):
            let plain = try work.layout.render(from: block.start, count: block.size)
            guard let compressed = previous.compressed(old), let earlier = previous.plain(old, from: compressed) else {
                return nil
            }
            if plain.hasSameBytes(as: earlier) { return Bytes(plain: plain, compressed: compressed, isReused: true) }
            return Bytes(plain: plain, compressed: try compressors.compress(plain), isReused: false)
        default:
            let plain = try work.layout.render(from: block.start, count: block.size)
            return Bytes(plain: plain, compressed: try compressors.compress(plain), isReused: false)
        }
    }
}
