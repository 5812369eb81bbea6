import ByteIO
import Diagnostics
import OCI

/// How an indexed blob is cut.
struct LayerIndexStyle: Hashable, Sendable {
    /// Whether what stands between two files is compressed with the first of them, and not by itself.
    let joinsHeaders: Bool
    /// Whether the index is the last file of the tar.
    let isInTar: Bool
}

/// What stands behind the blocks of an indexed blob.
struct LayerTail: Sendable {
    /// What it adds to the tar.
    var plain: [UInt8] = []
    let compressed: [UInt8]
    /// What the layer's descriptor has to say, for readers that fetch a part.
    let annotations: [String: String]
}

/// The files of a layer that is nearly written, and where each of them is in the blob.
struct LayerIndex: Sendable {
    /// A block, and how it was written.
    struct Extent: Sendable {
        let block: LayerBlock
        let written: BlockTable.Block

        init(_ block: LayerBlock, _ written: BlockTable.Block) {
            self.block = block
            self.written = written
        }
    }

    /// A file's bytes, or some of them, which can be decompressed by themselves.
    struct Chunk: Sendable {
        /// In bytes of the blob, where it begins and ends.
        let place: Range<Int64>
        /// In bytes of the file, where it begins, and how many it has.
        let start: Int64
        let size: Int
        let sums: ContentSums
    }

    let layout: LayerLayout
    let plainSize: Int64
    /// In bytes, without the index.
    let compressedSize: Int64
    private let large: LargeFiles
    private let chunks: [Chunk]
    /// For each entry the first of its chunks, and behind the last entry their number.
    private let firstChunks: [Int]

    init(layout: LayerLayout, extents: [Extent], large: LargeFiles, plainSize: Int64, compressedSize: Int64) {
        self.layout = layout
        self.large = large
        self.plainSize = plainSize
        self.compressedSize = compressedSize
        var chunks = [Chunk]()
        var counts = [Int](repeating: 0, count: layout.entries.count + 1)
        for extent in extents {
            var place = extent.written.end.compressedSize - Int64(extent.written.compressedSize)
            var position = extent.block.start
            var entry = extent.block.entries.lowerBound
            for piece in extent.written.pieces {
                let end = place + Int64(piece.compressedSize)
                if let sums = piece.content {
                    // The pieces were cut by the entries: one of the block's has its bytes here.
                    while entry < extent.block.entries.upperBound,
                        layout.contentOffset(of: entry) + layout.entries[entry].contentSize <= position
                    {
                        entry += 1
                    }
                    let start = position - layout.contentOffset(of: entry)
                    let size = piece.stretch.contentSize
                    chunks.append(Chunk(place: place..<end, start: start, size: size, sums: sums))
                    counts[entry + 1] += 1
                }
                place = end
                position += Int64(piece.stretch.size)
            }
        }
        for index in counts.indices.dropFirst() { counts[index] += counts[index - 1] }
        self.chunks = chunks
        firstChunks = counts
    }

    var entries: [LayerEntry] { layout.entries }

    /// The chunks of an entry; empty if it is not a file, or an empty one.
    func chunks(of entry: Int) -> ArraySlice<Chunk> { chunks[firstChunks[entry]..<firstChunks[entry + 1]] }

    /// What is known of a file's bytes as a whole; `nil` if it has none.
    func sums(of entry: Int) -> ContentSums? {
        let chunks = chunks(of: entry)
        return chunks.count > 1 ? large.sums[entry] : chunks.first?.sums
    }

    /// Refuses names that the index cannot say.
    ///
    /// - Throws: `layer.name-not-utf8`.
    func checkNames(_ format: String) throws(Diagnostic) {
        for entry in entries {
            let target: [UInt8]
            if case .symlink(let bytes) = entry.content { target = bytes } else { target = [] }
            guard
                String(validating: entry.path.bytes, as: UTF8.self) == nil
                    || String(validating: target, as: UTF8.self) == nil
            else { continue }
            throw Diagnostic(
                .layerNameNotUTF8,
                "`\(entry.path)` cannot be listed in an index of \(format)",
                because: "the index is JSON, and the name or the target of the symlink is not UTF-8",
                hint: "use `--compression zstd` or `--compression gzip`, or rename the file"
            )
        }
    }
}

/// What an index says of files that are larger than a block: read beside the writing, as no block has all of one.
struct LargeFiles: Sendable {
    let sums: [Int: ContentSums]

    /// - Returns: nothing for a blob without index.
    static func read(_ work: LayerComparison) async -> Result<LargeFiles, Diagnostic> {
        guard work.compression.codec.isIndexed else { return .success(LargeFiles(sums: [:])) }
        var entries = Set<Int>()
        for (before, block) in zip(work.blocks, work.blocks.dropFirst())
        where before.entries.upperBound > block.entries.lowerBound {
            entries.insert(block.entries.lowerBound)
        }
        var sums: [Int: ContentSums] = [:]
        do throws(Diagnostic) {
            for entry in entries.sorted() {
                try checkCancellation()
                sums[entry] = try work.layout.entries[entry].contentSums()
            }
        } catch {
            return .failure(error)
        }
        return .success(LargeFiles(sums: sums))
    }
}

extension Diagnostic.Code {
    static let layerNameNotUTF8 = Self("layer.name-not-utf8", .input)
}
