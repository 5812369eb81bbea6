/// Where the last block of a raw deflate stream begins and where it ends.
///
/// A stream that is to be joined to another has its last block's BFINAL bit cleared and goes on after that block's end.
/// A compressor that knows no way of joining does not say where these two places are, and the bits alone do not either:
/// blocks have no lengths. So the Huffman codes are walked, without producing the output they stand for, which takes a
/// fraction of an inflate's time; `outputSize` comes out on the way, and proves that the walk and the compressor agree.
/// `LastBlockSearch` mostly finds them in a fifth of that time, if the output is known.
///
/// RFC 1951 § 3.2.
package struct DeflateBoundary: Hashable, Sendable {
    /// The bit offset of the last block's header, whose first bit is BFINAL.
    package let lastBlock: Int
    /// The bit offset behind the last block's end.
    package let end: Int
    /// How many bytes the stream inflates to.
    package let outputSize: Int

    /// Bytes that must be readable behind the stream, whatever they hold: the walk loads eight at a time.
    package static let readableSlack = 16

    /// Walks the `count` bytes at `stream`; `nil` if they are not a whole deflate stream.
    package init?(of stream: UnsafePointer<UInt8>, count: Int) {
        var walk = DeflateWalk(stream: stream, count: count)
        guard let boundary = walk.run() else { return nil }
        self = boundary
    }

    init(lastBlock: Int, end: Int, outputSize: Int) {
        self.lastBlock = lastBlock
        self.end = end
        self.outputSize = outputSize
    }
}
