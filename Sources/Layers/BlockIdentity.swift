import ByteIO
import OCI

/// What a block was made from.
///
/// Blocks of the same structure may be equal: they have the same entries, apart from what is in the files. With the same
/// stamps too they are.
struct BlockIdentity: Hashable, Sendable {
    let structure: Digest
    /// `nil` if a file was so young that it could have been changed since without a trace.
    let stamps: Digest?
}

extension LayerLayout {
    /// What `block` is made from, without looking into a file.
    func identity(of block: LayerBlock, _ trust: StampTrust) -> BlockIdentity {
        var structure = BinaryWriter()
        var stamps = BinaryWriter()
        var isSettled = true
        structure.put(Int64(block.size))
        // The block's place in an entry of several blocks.
        structure.put(block.entries.isEmpty ? 0 : block.start - offset(of: block.entries.lowerBound))
        for entry in entries[block.entries] {
            structure.put(entry.path.bytes)
            structure.put(entry.mode)
            structure.put(entry.uid)
            structure.put(entry.gid)
            structure.put(entry.modified)
            // Nearly no file has one, and what earlier versions have kept stays known.
            if !entry.capability.isEmpty {
                structure.put(UInt8(5))
                structure.put(entry.capability)
            }
            switch entry.content {
            case .directory: structure.put(UInt8(0))
            case .bytes(let bytes):
                structure.put(UInt8(1))
                structure.put(bytes)
            case .file(_, let stamp):
                structure.put(UInt8(2))
                structure.put(stamp.size)
                isSettled = isSettled && trust.isSettled(stamp)
                stamps.put(stamp)
            case .symlink(let target):
                structure.put(UInt8(3))
                structure.put(target)
            case .hardlink(let target):
                structure.put(UInt8(4))
                structure.put(target.bytes)
            }
        }
        return BlockIdentity(
            structure: Digest(sha256Of: structure.bytes),
            stamps: isSettled ? Digest(sha256Of: stamps.bytes) : nil
        )
    }
}
