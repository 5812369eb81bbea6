import CDeflate

/// A whole zlib stream in memory (RFC 1950).
package enum ZlibStream {
    /// What `stream` stands for; `nil` if it is not one zlib stream, or stands for more than `limit` bytes.
    package static func expanded(_ stream: [UInt8], limit: Int) -> [UInt8]? {
        guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
        defer { libdeflate_free_decompressor(decompressor) }
        // Deflate makes at most 1032 bytes of one.
        let most = min(limit, stream.count.multipliedReportingOverflow(by: 1032).partialValue)
        var capacity = min(most, max(4096, stream.count * 8))
        while true {
            var result = LIBDEFLATE_BAD_DATA
            let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                result = libdeflate_zlib_decompress(
                    decompressor,
                    stream,
                    stream.count,
                    buffer.baseAddress,
                    capacity,
                    &count
                )
                if result != LIBDEFLATE_SUCCESS { count = 0 }
            }
            if result == LIBDEFLATE_SUCCESS { return bytes }
            guard result == LIBDEFLATE_INSUFFICIENT_SPACE, capacity < most else { return nil }
            capacity = capacity > most / 4 ? most : capacity * 4
        }
    }
}
