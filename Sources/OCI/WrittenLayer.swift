/// A layer as an image refers to it.
public struct WrittenLayer: Hashable, Sendable {
    public let descriptor: Descriptor
    public let diffID: DiffID
    /// Of the tar, in bytes.
    public let uncompressedSize: Int64

    public init(descriptor: Descriptor, diffID: DiffID, uncompressedSize: Int64) {
        self.descriptor = descriptor
        self.diffID = diffID
        self.uncompressedSize = uncompressedSize
    }
}
