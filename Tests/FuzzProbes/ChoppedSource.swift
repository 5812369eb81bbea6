import ByteIO
import Diagnostics

/// Bytes that come a few at a time: what a reader makes of a stream must not depend on how it arrives.
struct ChoppedSource: ByteSource {
    private let bytes: [UInt8]
    private let most: Int
    private var position = 0

    /// - Parameter most: the most bytes that one read gives.
    init(_ bytes: [UInt8], most: Int) {
        self.bytes = bytes
        self.most = most
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        let count = min(buffer.count, most, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}

/// What came out of a reader. The code of a refusal is not part of it: of two things that are wrong with a stream,
/// zstd's library reports the one that it meets first.
struct Outcome: Hashable {
    private(set) var bytes: [UInt8] = []
    private(set) var isRefused = false

    static let refused = {
        var outcome = Outcome()
        outcome.isRefused = true
        return outcome
    }()

    private init() {}

    /// Reads `source` to its end, or to its first error. Bytes that come before an error are left out, as how many come
    /// depends on how the input arrives.
    init<Source: ByteSource & ~Copyable>(of source: consuming Source) {
        do throws(Diagnostic) {
            try withBuffer(of: 1000) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
                while true {
                    let count = try source.read(into: buffer)
                    require(count >= 0 && count <= buffer.count, "a reader gives more than fits")
                    if count == 0 { return }
                    bytes += UnsafeRawBufferPointer(rebasing: buffer[..<count])
                }
            }
        } catch {
            self = .refused
        }
    }
}
