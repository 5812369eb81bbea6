package import ByteIO
import OCI

/// How far a file's stamp is trusted.
package struct StampTrust: Hashable, Sendable {
    /// No stamp is trusted, and none is kept to be trusted later.
    package static let none = StampTrust(startedAt: nil)

    /// When the files began to be looked at, in seconds since 1970; `nil` if unknown.
    private let startedAt: Int64?

    package init(startedAt: Int64?) { self.startedAt = startedAt }

    /// Whether a file that still has this stamp later is still the same.
    ///
    /// Clocks of file systems tick as seldom as every two seconds: what is changed twice in a tick looks as if it had been
    /// changed once.
    package func isSettled(_ stamp: FileStamp) -> Bool {
        guard let startedAt else { return false }
        let limit = startedAt.subtractingReportingOverflow(2)
        return !limit.overflow && stamp.modifiedSeconds < limit.partialValue
            && stamp.changedSeconds < limit.partialValue
    }
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
