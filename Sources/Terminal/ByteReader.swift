import Glibc

/// Reads an open file to its end.
package struct ByteReader {
    private let number: Int32

    package init(_ number: Int32) { self.number = number }

    /// All bytes; `nil` if there are more than `limit`, or if they cannot be read.
    package func bytes(limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(number, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            if bytes.count > limit { return nil }
        }
    }
}
