import Archive
package import ByteIO
package import Diagnostics

extension LayerWriter {
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
        // A task, as the group's body cannot wait for an `async let`.
        let large = Task { await LargeFiles.read(work) }
        defer { large.cancel() }

        await withTaskGroup(of: FinishedBlock.self) { group in
            func add(_ index: Int) {
                group.addTask { FinishedBlock(index, of: work, with: compressors) }
            }
            for index in 0..<min(width, count) { add(index) }
            // What is left over when the layer is given up is not worth finishing.
            defer { group.cancelAll() }

            do throws(Diagnostic) {
                var output = try LayerOutput(work, &sink)
                var waiting: [Int: FinishedBlock] = [:]
                var next = 0
                while next < count {
                    guard output.compressedSize < limit else { return }
                    guard let block = waiting.removeValue(forKey: next) else {
                        if let block = await group.next() { waiting[block.index] = block }
                        continue
                    }
                    switch try block.result.get() {
                    case .unchanged(let compressed): try output.write(compressed, to: &sink)
                    case .rendered(let bytes): try output.append(bytes, work.identities[next], to: &sink)
                    case .corrupt:
                        outcome = .corruptPrevious
                        return
                    }
                    next += 1
                    if next - 1 + width < count { add(next - 1 + width) }
                }
                outcome = .written(try output.finish(work, try await large.value.get(), &sink))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return outcome
    }
}

/// One block of a layer, ready to be written, or what went wrong with it.
struct FinishedBlock: Sendable {
    enum Content {
        /// It is among the unchanged ones at the front, of which only the compressed form is wanted.
        case unchanged(compressed: [UInt8])
        case rendered(Bytes)
        /// The previous layer is not what its table says.
        case corrupt
    }

    struct Bytes {
        let plain: [UInt8]
        let compressed: [UInt8]
        let plainChecksum: CRC32
        let compressedChecksum: CRC32
        /// Whether the previous layer had it.
        let isReused: Bool
        let pieces: [BlockPiece]

        /// A block that the previous layer did not have.
        init(plain: [UInt8], plainChecksum: CRC32, compressed: CompressedBlock) {
            self.plain = plain
            self.compressed = compressed.bytes
            self.plainChecksum = plainChecksum
            compressedChecksum = CRC32(of: compressed.bytes)
            pieces = compressed.pieces
            isReused = false
        }

        /// Block `old` of the previous layer.
        init(_ old: Int, of previous: PreviousLayer, plain: [UInt8], plainChecksum: CRC32, compressed: [UInt8]) {
            self.plain = plain
            self.compressed = compressed
            self.plainChecksum = plainChecksum
            compressedChecksum = previous.table.blocks[old].compressedChecksum
            pieces = previous.table.blocks[old].pieces
            isReused = true
        }
    }

    let index: Int
    let result: Result<Content, Diagnostic>

    init(_ index: Int, of work: LayerComparison, with compressors: any BlockCompressors) {
        self.index = index
        do throws(Diagnostic) {
            // A failed layer's remaining blocks are not worth reading.
            try checkCancellation()
            result = .success(try Self.content(index, of: work, with: compressors))
        } catch {
            result = .failure(error)
        }
    }

    private static func content(
        _ index: Int,
        of work: LayerComparison,
        with compressors: any BlockCompressors
    ) throws(Diagnostic) -> Content {
        if index < work.unchangedCount, let previous = work.previous {
            return previous.compressed(index).map { .unchanged(compressed: $0) } ?? .corrupt
        }
        guard let bytes = try bytes(index, of: work, with: compressors) else { return .corrupt }
        work.files?.take(work.blocks[index], bytes.plain, of: work.layout)
        return .rendered(bytes)
    }

    /// `nil` if the previous layer is corrupt.

    private static func bytes(
        _ index: Int,
        of work: LayerComparison,
        with compressors: any BlockCompressors
    ) throws(Diagnostic) -> Bytes? {
        let block = work.blocks[index]
        switch (work.matches[index], work.previous) {
        case (.same(let old), let previous?):
            guard let compressed = previous.compressed(old) else { return nil }
            if let known = read(block, as: old, of: previous, work.layout, compressed) { return known }
            guard let plain = previous.plain(old, from: compressed) else { return nil }
            return Bytes(old, of: previous, plain: plain, plainChecksum: CRC32(of: plain), compressed: compressed)
        case (.similar(let old), let previous?):
            let plain = try work.layout.render(from: block.start, count: block.size)
            let checksum = CRC32(of: plain)
            guard let compressed = previous.compressed(old) else { return nil }
            // A checksum shows that bytes differ, and only the bytes themselves that they do not.
            if previous.hasBlock(old, checksum, size: plain.count) {
                guard let earlier = previous.plain(old, from: compressed) else { return nil }
                if plain.hasSameBytes(as: earlier) {
                    return Bytes(old, of: previous, plain: plain, plainChecksum: checksum, compressed: compressed)
                }
            }
            return try packed(plain, checksum)
        default:
            let plain = try work.layout.render(from: block.start, count: block.size)
            return try packed(plain, CRC32(of: plain))
        }

        func packed(_ plain: [UInt8], _ checksum: CRC32) throws(Diagnostic) -> Bytes {
            let stretches = work.compression.codec.index.map { work.layout.stretches(of: block, $0) } ?? []
            let compressed = try compressors.compress(plain, stretches)
            return Bytes(plain: plain, plainChecksum: checksum, compressed: compressed)
        }
    }

    /// A block that is the previous layer's, from its files: unless they are small, reading them is faster than unpacking.
    ///
    /// `nil` if it is not, or if the files are not, or no longer, those that the previous layer was made from.
    private static func read(
        _ block: LayerBlock,
        as old: Int,
        of previous: PreviousLayer,
        _ layout: LayerLayout,
        _ compressed: [UInt8]
    ) -> Bytes? {
        guard
            layout.isFasterRead(block), let plain = try? layout.render(from: block.start, count: block.size)
        else { return nil }
        let checksum = CRC32(of: plain)
        guard previous.hasBlock(old, checksum, size: plain.count) else { return nil }
        return Bytes(old, of: previous, plain: plain, plainChecksum: checksum, compressed: compressed)
    }
}

extension LayerLayout {
    /// Unpacking so many bytes takes about as long as opening a file, reading it and closing it.
    private static let sizeWorthOpening = 4096

    /// Whether reading the files of `block` is likely to be faster than unpacking its bytes.
    fileprivate func isFasterRead(_ block: LayerBlock) -> Bool {
        let fileCount = entries[block.entries].count { if case .file = $0.content { true } else { false } }
        return block.size / Self.sizeWorthOpening >= fileCount
    }
}
