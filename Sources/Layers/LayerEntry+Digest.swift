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
        case .file(let source, let stamp):
            let file = PlannedFile(path: source, stamp: stamp, entry: path)
            var hasher = SHA256Hasher()
            try withBuffer(of: 1 << 18) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
                var offset: Int64 = 0
                while offset < stamp.size {
                    let count = Int(min(stamp.size - offset, Int64(buffer.count)))
                    let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                    try file.read(into: part, at: offset)
                    hasher.update(UnsafeRawBufferPointer(part))
                    offset += Int64(count)
                }
            }
            return hasher.finalize()
        case .directory, .symlink, .hardlink: return nil
        }
    }
}
