import Archive
import ByteIO
package import Diagnostics
package import OCI

extension LayerEntry {
    /// The SHA-256 of a file's bytes; `nil` for what is not a file.
    ///
    /// - Throws: `layer.file-changed` if the file is no longer the one that was planned with.
    package func contentDigest() throws(Diagnostic) -> Digest? {
        switch content {
        case .bytes(let bytes): return Digest(sha256Of: bytes)
        case .file:
            var hasher = SHA256Hasher()
            try forEachPart { hasher.update($0) }
            return hasher.finalize()
        case .directory, .symlink, .hardlink: return nil
        }
    }

    /// Both digests of a file's bytes; `nil` for what is not a file.
    ///
    /// - Throws: `layer.file-changed` if the file is no longer the one that was planned with.
    package func contentDigests() throws(Diagnostic) -> FileDigests? {
        switch content {
        case .bytes(let bytes): return bytes.withUnsafeBytes { FileDigests(of: $0) }
        case .file:
            var running = FileDigests.Running()
            try forEachPart { running.update($0) }
            return running.finalize()
        case .directory, .symlink, .hardlink: return nil
        }
    }

    /// What an index says of a file's bytes; `nil` for what is not a file.
    ///
    /// - Throws: `layer.file-changed` if the file is no longer the one that was planned with.
    func contentSums() throws(Diagnostic) -> ContentSums? {
        switch content {
        case .bytes(let bytes): return bytes.withUnsafeBytes { ContentSums(of: $0, withChecksums: true) }
        case .file:
            var hasher = SHA256Hasher()
            var checksum = CRC64()
            try forEachPart {
                hasher.update($0)
                checksum.update($0)
            }
            return ContentSums(digest: hasher.finalizedValue(), checksum: checksum.value)
        case .directory, .symlink, .hardlink: return nil
        }
    }

    /// Reads a file of this machine from its start to its end.
    private func forEachPart(_ body: (UnsafeRawBufferPointer) -> Void) throws(Diagnostic) {
        guard case .file(let source, let stamp) = content else { return }
        let file = PlannedFile(path: source, stamp: stamp, entry: path)
        try withBuffer(of: 1 << 18) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
            var offset: Int64 = 0
            while offset < stamp.size {
                let count = Int(min(stamp.size - offset, Int64(buffer.count)))
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                try file.read(into: part, at: offset)
                body(UnsafeRawBufferPointer(part))
                offset += Int64(count)
            }
        }
    }
}

extension LayerEntry {
    /// The bytes of a file from `offset` on, `count` at most; `nil` for what is not a file.
    ///
    /// - Throws: `layer.file-changed` if the file is no longer the one that was planned with.
    package func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        let count = Int(max(0, min(Int64(count), contentSize - offset)))
        switch content {
        case .bytes(let bytes):
            return offset < 0 || count == 0 ? [] : Array(bytes[Int(offset)..<Int(offset) + count])
        case .file(let source, let stamp):
            guard offset >= 0, count > 0 else { return [] }
            let file = PlannedFile(path: source, stamp: stamp, entry: path)
            return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized throws(Diagnostic) in
                try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
                initialized = count
            }
        case .directory, .symlink, .hardlink: return nil
        }
    }
}
