import CDeflate

/// Compresses bytes to gzip members, each by itself: members that are laid end to end are one stream.
///
/// RFC 1952 § 2.2. Layers of one member are written by `BlockCompressor`.
package struct GzipCompressor: ~Copyable {
    private let compressor: OpaquePointer

    /// - Parameter level: 1 (fastest) to 12 (smallest).
    package init(level: Int) {
        // Only a level out of range or a machine without memory gives nil.
        guard (1...12).contains(level), let compressor = libdeflate_alloc_compressor(Int32(level)) else {
            fatalError("no deflate compressor for level \(level)")
        }
        self.compressor = compressor
    }

    deinit { libdeflate_free_compressor(compressor) }

    /// The largest member that `size` bytes can become, in bytes.
    package func bound(_ size: Int) -> Int {
        libdeflate_deflate_compress_bound(compressor, size) + GzipMember.header.count + GzipMember.trailerSize
    }

    /// Writes a member of `plain` to the front of `output`, which has room for `bound` bytes; returns its size.
    package func compress(
        _ plain: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        let header = GzipMember.header
        output.copyBytes(from: header)
        let body = libdeflate_deflate_compress(
            compressor,
            plain.baseAddress,
            plain.count,
            output.baseAddress.map { $0 + header.count },
            output.count - header.count - GzipMember.trailerSize
        )
        var checksum = CRC32()
        checksum.update(plain)
        let trailer = GzipMember.trailer(checksum, size: Int64(plain.count))
        UnsafeMutableRawBufferPointer(rebasing: output[(header.count + body)...]).copyBytes(from: trailer)
        return header.count + body + trailer.count
    }
}

extension GzipMember {
    /// Number of bytes that end a member.
    package static let trailerSize = 8

    /// The `size` bytes that `members` stand for; `nil` if they do not stand for exactly as many.
    package static func expanded(_ members: [UInt8], size: Int) -> [UInt8]? {
        guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
        defer { libdeflate_free_decompressor(decompressor) }
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            members.withUnsafeBytes { members in
                var (read, written) = (0, 0)
                while read < members.count {
                    var (consumed, produced) = (0, 0)
                    let result = libdeflate_gzip_decompress_ex(
                        decompressor,
                        members.baseAddress.map { $0 + read },
                        members.count - read,
                        buffer.baseAddress.map { $0 + written },
                        size - written,
                        &consumed,
                        &produced
                    )
                    guard result == LIBDEFLATE_SUCCESS, consumed > 0 else { return }
                    read += consumed
                    written += produced
                }
                isWhole = written == size
            }
            // What was not written must not be looked at.
            count = isWhole ? size : 0
        }
        return isWhole ? bytes : nil
    }
}
