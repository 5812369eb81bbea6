import ByteIO
import Diagnostics

/// Bytes in memory that come in small pieces, as from a network, and are counted.
struct PieceSource: ByteSource {
    private let bytes: [UInt8]
    private let piece: Int
    private(set) var position = 0
    private(set) var hasEnded = false

    init(_ bytes: [UInt8], piece: Int = .max) {
        self.bytes = bytes
        self.piece = piece
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        let count = min(buffer.count, bytes.count - position, piece)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        hasEnded = count == 0
        return count
    }
}

extension ByteSource where Self: ~Copyable {
    /// Everything, read `size` bytes at a time.
    mutating func readToEnd(by size: Int = 10000) throws(Diagnostic) -> [UInt8] {
        var all = [UInt8]()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            let count = try read(into: buffer)
            if count == 0 { return all }
            all += buffer[..<count]
        }
    }
}
