import Archive
import Diagnostics
import OCI

/// A part of a block that is compressed by itself.
struct BlockStretch: Hashable, Sendable {
    /// In bytes of the tar.
    var size: Int
    /// How many bytes at its front are a file's; 0 if it does not begin with those of one.
    var contentSize: Int
}

/// A compressed stretch, and what an index says of it.
struct BlockPiece: Hashable, Sendable {
    let stretch: BlockStretch
    /// In bytes of the blob.
    let compressedSize: Int
    /// Sums of the file's bytes; `nil` if it has none.
    let content: ContentSums?
}

/// What an index says of a file's bytes, or of some of them.
struct ContentSums: Hashable, Sendable, BitwiseCopyable {
    let digest: SHA256Value
    let checksum: UInt64

    init(digest: SHA256Value, checksum: UInt64) {
        self.digest = digest
        self.checksum = checksum
    }

    /// - Parameter withChecksums: whether the index has the bytes' CRC-64, too.
    init(of bytes: UnsafeRawBufferPointer, withChecksums: Bool) {
        digest = SHA256Value(of: bytes)
        var checksum = CRC64()
        if withChecksums { checksum.update(bytes) }
        self.checksum = checksum.value
    }
}

extension CompressedBlock {
    /// Compresses `stretches` of `block` one after the other; the whole block as one if there are none.
    ///
    /// - Parameters:
    ///   - bound: the largest size that so many bytes can become.
    ///   - compress: compresses to the front of a buffer that has room for that, and returns the size.
    init(
        _ block: [UInt8],
        _ stretches: [BlockStretch],
        withChecksums: Bool,
        bound: (Int) -> Int,
        _ compress: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int
    ) throws(Diagnostic) {
        let isIndexed = !stretches.isEmpty
        let all = isIndexed ? stretches : [BlockStretch(size: block.count, contentSize: 0)]
        let capacity = all.reduce(0) { $0 + bound($1.size) }
        var pieces = [BlockPiece]()
        pieces.reserveCapacity(isIndexed ? all.count : 0)
        bytes = try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled throws(Diagnostic) in
            let output = UnsafeMutableRawBufferPointer(buffer)
            var read = 0
            for stretch in all {
                let size: Int = try block.part(read, stretch.size) { plain throws(Diagnostic) in
                    try compress(plain, UnsafeMutableRawBufferPointer(rebasing: output[filled...]))
                }
                if isIndexed {
                    let content =
                        stretch.contentSize == 0
                        ? nil
                        : try block.part(read, stretch.contentSize) { (content) throws(Diagnostic) in
                            ContentSums(of: content, withChecksums: withChecksums)
                        }
                    pieces.append(BlockPiece(stretch: stretch, compressedSize: size, content: content))
                }
                filled += size
                read += stretch.size
            }
        }
        self.pieces = pieces
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` of a part. The library's does not pass on which type of error is thrown.
    fileprivate func part<Output>(
        _ start: Int,
        _ count: Int,
        _ body: (UnsafeRawBufferPointer) throws(Diagnostic) -> Output
    ) throws(Diagnostic) -> Output {
        var result: Result<Output, Diagnostic>?
        withUnsafeBytes { bytes in
            do throws(Diagnostic) {
                result = .success(try body(UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])))
            } catch {
                result = .failure(error)
            }
        }
        guard let result else { preconditionFailure("bytes without result") }
        return try result.get()
    }
}

extension LayerLayout {
    /// How `block` is cut so that each file in it is compressed by itself. A file's bytes begin a stretch.
    func stretches(of block: LayerBlock, _ style: LayerIndexStyle) -> [BlockStretch] {
        var stretches = [BlockStretch]()
        let end = block.start + Int64(block.size)
        var position = block.start
        /// Adds bytes that are not a file's.
        func fill(upTo next: Int64) {
            guard next > position else { return }
            let count = Int(next - position)
            position = next
            if style.joinsHeaders, let last = stretches.indices.last {
                stretches[last].size += count
            } else {
                stretches.append(BlockStretch(size: count, contentSize: 0))
            }
        }
        for index in block.entries {
            let size = entries[index].contentSize
            guard size > 0 else { continue }
            let start = max(contentOffset(of: index), block.start)
            let stop = min(contentOffset(of: index) + size, end)
            guard start < stop else { continue }
            fill(upTo: start)
            stretches.append(BlockStretch(size: Int(stop - start), contentSize: Int(stop - start)))
            position = stop
        }
        fill(upTo: end)
        return stretches
    }
}
