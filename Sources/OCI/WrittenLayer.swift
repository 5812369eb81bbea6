/// A layer as an image refers to it.
package struct WrittenLayer: Hashable, Sendable {
    /// Names the blob, as the manifest does.
    package let descriptor: Descriptor
    /// Names the tar, as the config does.
    package let diffID: DiffID
    /// Size of the tar, in bytes.
    package let uncompressedSize: Int64

    /// Takes the values as they are.
    package init(descriptor: Descriptor, diffID: DiffID, uncompressedSize: Int64) {
        self.descriptor = descriptor
        self.diffID = diffID
        self.uncompressedSize = uncompressedSize
    }
}
