import Archive
import ByteIO
import OCI

// How a cache keeps a table. The codec is not in it: a table is found by how its layer is compressed.
extension BlockTable {
    /// The table in a form that `init(bytes:_:)` reads.
    package var bytes: [UInt8] {
        var writer = BinaryWriter()
        writer.put(layer.descriptor.digest.description.utf8)
        writer.put(layer.descriptor.size)
        writer.put(layer.diffID.description.utf8)
        writer.put(layer.uncompressedSize)
        writer.put(compression.utf8)
        if let indexChecksum {
            writer.put(indexChecksum.value)
            let annotations = layer.descriptor.annotations ?? [:]
            writer.put(UInt8(truncatingIfNeeded: annotations.count))
            for (key, value) in annotations.sorted(by: { $0.key < $1.key }) {
                writer.put(key.utf8)
                writer.put(value.utf8)
            }
        }
        for block in blocks {
            writer.put(block.identity.structure)
            writer.put(UInt8(block.identity.stamps == nil ? 0 : 1))
            if let stamps = block.identity.stamps { writer.put(stamps) }
            writer.put(Int64(block.plainSize))
            writer.put(Int64(block.compressedSize))
            writer.put(block.compressedChecksum.value)
            writer.put(block.end.plainHash)
            writer.put(block.end.checksum.value)
            writer.put(block.end.compressedHash)
            guard indexChecksum != nil else { continue }
            writer.put(UInt32(truncatingIfNeeded: block.pieces.count))
            for piece in block.pieces { writer.put(piece) }
        }
        return writer.bytes
    }

    /// `nil` if `bytes` did not write them.
    package init?(bytes: [UInt8], _ codec: LayerCodec) {
        var reader = BinaryReader(bytes)
        guard
            let digest = reader.digest(), let size: Int64 = reader.number(), size >= 0,
            let diffID = reader.digest(), let plainSize: Int64 = reader.number(), plainSize >= 0,
            let compression = reader.bytes(),
            LayerCodec(describedBy: String(decoding: compression, as: UTF8.self)) == codec
        else { return nil }
        var annotations: [String: String]?
        if codec.isIndexed {
            guard let checksum: UInt32 = reader.number(), let known = reader.annotations() else { return nil }
            indexChecksum = CRC32(resuming: checksum)
            annotations = known
        }
        layer = WrittenLayer(
            descriptor: Descriptor(mediaType: codec.mediaType, digest: digest, size: size, annotations: annotations),
            diffID: DiffID(diffID),
            uncompressedSize: plainSize
        )
        self.codec = codec
        self.compression = String(decoding: compression, as: UTF8.self)
        var blocks = [Block]()
        var (plainEnd, compressedEnd) = (Int64(0), Int64(codec.header.count))
        while !reader.isAtEnd {
            guard let block = reader.block(after: &plainEnd, &compressedEnd, codec.isIndexed) else { return nil }
            blocks.append(block)
        }
        guard codec.keepsTar ? plainEnd == plainSize : plainEnd <= plainSize, compressedEnd <= size else { return nil }
        self.blocks = blocks
    }
}

extension BinaryWriter {
    fileprivate mutating func put(_ digest: Digest) { put(digest.description.utf8) }

    fileprivate mutating func put(_ piece: BlockPiece) {
        put(UInt32(truncatingIfNeeded: piece.stretch.size))
        put(UInt32(truncatingIfNeeded: piece.stretch.contentSize))
        put(UInt32(truncatingIfNeeded: piece.compressedSize))
        guard let content = piece.content else { return }
        put(content.digest.bytes)
        put(content.checksum)
    }

    fileprivate mutating func put(_ midstate: SHA256Hasher.Midstate) {
        for word in midstate.words { put(word) }
        put(midstate.count)
    }
}

extension BinaryReader {
    fileprivate mutating func digest() -> Digest? {
        bytes().flatMap { try? Digest(parsing: String(decoding: $0, as: UTF8.self)) }
    }

    private mutating func midstate() -> SHA256Hasher.Midstate? {
        var words = [UInt32]()
        for _ in 0..<8 {
            guard let word: UInt32 = number() else { return nil }
            words.append(word)
        }
        guard let count: UInt64 = number() else { return nil }
        return SHA256Hasher.Midstate(words: words, count: count)
    }

    fileprivate mutating func annotations() -> [String: String]? {
        guard let count: UInt8 = number() else { return nil }
        var annotations: [String: String] = [:]
        for _ in 0..<count {
            guard let key = bytes(), let value = bytes() else { return nil }
            annotations[String(decoding: key, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        return annotations.count == Int(count) ? annotations : nil
    }

    /// The pieces of a block; `nil` if they do not come to its sizes.
    private mutating func pieces(_ plainSize: Int64, _ compressedSize: Int64) -> [BlockPiece]? {
        guard let count: UInt32 = number() else { return nil }
        var pieces = [BlockPiece]()
        var (plainEnd, compressedEnd) = (Int64(0), Int64(0))
        for _ in 0..<count {
            guard
                let size: UInt32 = number(), size > 0, let contentSize: UInt32 = number(), contentSize <= size,
                let compressed: UInt32 = number()
            else { return nil }
            var content: ContentSums?
            if contentSize > 0 {
                guard let digest = slice().flatMap({ SHA256Value($0) }), let checksum: UInt64 = number() else {
                    return nil
                }
                content = ContentSums(digest: digest, checksum: checksum)
            }
            plainEnd += Int64(size)
            compressedEnd += Int64(compressed)
            pieces.append(
                BlockPiece(
                    stretch: BlockStretch(size: Int(size), contentSize: Int(contentSize)),
                    compressedSize: Int(compressed),
                    content: content
                )
            )
        }
        return plainEnd == plainSize && compressedEnd == compressedSize ? pieces : nil
    }

    /// Moves the ends of tar and blob on by the block's.
    fileprivate mutating func block(
        after plainEnd: inout Int64,
        _ compressedEnd: inout Int64,
        _ isIndexed: Bool
    ) -> BlockTable.Block? {
        guard let structure = digest(), let isSettled: UInt8 = number(), isSettled <= 1 else { return nil }
        var stamps: Digest?
        if isSettled == 1 {
            guard let digest = digest() else { return nil }
            stamps = digest
        }
        guard
            let plainSize: Int64 = number(), BlockTable.sizes.contains(plainSize),
            let compressedSize: Int64 = number(), BlockTable.sizes.contains(compressedSize),
            let compressedChecksum: UInt32 = number(),
            let plainHash = midstate(), let checksum: UInt32 = number(), let compressedHash = midstate()
        else { return nil }
        let (plain, plainOverflow) = plainEnd.addingReportingOverflow(plainSize)
        let (compressed, compressedOverflow) = compressedEnd.addingReportingOverflow(compressedSize)
        guard
            !plainOverflow, !compressedOverflow,
            // Blocks of a tar end on a whole record.
            plainHash.count == UInt64(plain), compressedHash.count == UInt64(compressed) / 64 * 64
        else { return nil }
        (plainEnd, compressedEnd) = (plain, compressed)
        var pieces = [BlockPiece]()
        if isIndexed {
            guard let known = self.pieces(plainSize, compressedSize) else { return nil }
            pieces = known
        }
        return BlockTable.Block(
            identity: BlockIdentity(structure: structure, stamps: stamps),
            plainSize: Int(plainSize),
            compressedSize: Int(compressedSize),
            compressedChecksum: CRC32(resuming: compressedChecksum),
            end: LayerState(
                plainHash: plainHash,
                plainSize: plain,
                checksum: CRC32(resuming: checksum),
                compressedHash: compressedHash,
                compressedSize: compressed
            ),
            pieces: pieces
        )
    }
}

extension BlockTable {
    /// The sizes that a block may have, in bytes: a table that claims others is not trusted.
    fileprivate static var sizes: ClosedRange<Int64> { 1...16 << 20 }
}
