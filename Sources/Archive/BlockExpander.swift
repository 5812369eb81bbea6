import CDeflate

/// Unpacks blocks that a `BlockCompressor` has packed, each by itself.
package struct BlockExpander: ~Copyable {
    private let decompressor: OpaquePointer

    package init() {
        // Only a machine without memory gives nil.
        guard let decompressor = libdeflate_alloc_decompressor() else { fatalError("no memory for a decompressor") }
        self.decompressor = decompressor
    }

    deinit { libdeflate_free_decompressor(decompressor) }

    /// The `size` bytes that `block` stands for; `nil` if it does not stand for exactly as many.
    package func expand(_ block: [UInt8], size: Int) -> [UInt8]? {
        // A block's own last part is not marked as final.
        let stream = block + BlockCompressor.terminator
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var (consumed, produced) = (0, 0)
            let result = libdeflate_deflate_decompress_ex(
                decompressor,
                stream,
                stream.count,
                buffer.baseAddress,
                size,
                &consumed,
                &produced
            )
            isWhole = result == LIBDEFLATE_SUCCESS && consumed == stream.count && produced == size
            // What was not written must not be looked at.
            count = isWhole ? size : 0
        }
        return isWhole ? bytes : nil
    }
}
