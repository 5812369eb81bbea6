package import ByteIO
package import OCI

extension Digest {
    /// The digest of all that `file` has.
    ///
    /// It is read in pieces: to get memory for a whole program takes as long as to hash it.
    package init(sha256Of file: borrowing OpenFile) throws(SystemError) {
        var hasher = SHA256Hasher()
        var offset: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        while case let count = try file.read(into: buffer, at: offset), count > 0 {
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += Int64(count)
        }
        self = hasher.finalize()
    }
}
