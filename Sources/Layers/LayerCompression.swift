/// What decides a layer's compressed bytes, besides its tar.
///
/// The bytes are a promise: for the same coracle and the same values here they never change, and tests hold them fixed.
package struct LayerCompression: Hashable, Sendable {
    package let codec: LayerCodec

    /// One of the codec's, from the fastest to the smallest.
    package let level: Int

    /// How many bytes of the tar are compressed as one block, as a rule at most: `LayerLayout.blocks`. Fixed, and never
    /// derived from the machine: the digest would depend on it.
    package let blockSize: Int

    package init(_ codec: LayerCodec = .gzip, level: Int? = nil, blockSize: Int = 1024 << 10) {
        self.codec = codec
        self.level = level ?? codec.usualLevel
        self.blockSize = blockSize
    }

    /// For layers that many images share: smaller, and the same whatever level a user chooses.
    package static let shared = shared(.gzip)

    /// The same in the format that the user chooses.
    package static func shared(_ codec: LayerCodec) -> LayerCompression {
        LayerCompression(codec, level: codec.sharedLevel)
    }

    /// Whether `text` is a record of how a layer was compressed, of whatever format and version.
    package static func isRecord(_ text: String) -> Bool {
        let parts = text.split(separator: ", ")
        return parts.count == 3 && parts[1].hasPrefix("level ") && parts[2].hasPrefix("blocks by path to ")
    }

    /// For the image's records, e.g. `libdeflate 1.14, level 4, blocks by path to 1024 KiB`.
    package var description: String {
        "\(codec.engine), level \(level), blocks by path to \(blockSize >> 10) KiB"
    }
}
