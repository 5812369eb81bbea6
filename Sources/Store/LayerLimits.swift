/// How much a layer of others may be.
package enum LayerLimits {
    /// The largest tar that a layer is unpacked to, in bytes.
    ///
    /// Deflate expands a thousandfold at most, and what is unpacked is counted and dropped: this bounds the time of reading
    /// a bomb, not the memory.
    package static let largestTar: Int64 = 1 << 40
}
