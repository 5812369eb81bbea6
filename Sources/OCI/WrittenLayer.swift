/// A layer as an image refers to it.
public struct WrittenLayer: Hashable, Sendable {
    /// Names the blob, as the manifest does.
    public let descriptor: Descriptor
    /// Names the tar, as the config does.
    public let diffID: DiffID
    /// Size of the tar, in bytes.
    public let uncompressedSize: Int64

    /// Takes the values as they are.
    public init(descriptor: Descriptor, diffID: DiffID, uncompressedSize: Int64) {
        self.descriptor = descriptor
        self.diffID = diffID
        self.uncompressedSize = uncompressedSize
    }
}
