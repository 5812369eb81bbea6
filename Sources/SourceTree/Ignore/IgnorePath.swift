/// A relative path for as long as patterns are matched against it.
struct IgnorePath {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Where each of its parent directories ends, from the top, and last where it itself does. Empty for the empty path.
    let boundaries: UnsafeBufferPointer<Int32>

    static func withPath<Result>(_ path: [UInt8], _ body: (IgnorePath) -> Result) -> Result {
        path.withUnsafeBufferPointer { bytes in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: bytes.count + 1) { boundaries in
                var count = 0
                for index in bytes.indices where bytes[index] == UInt8(ascii: "/") {
                    boundaries[count] = Int32(truncatingIfNeeded: index)
                    count += 1
                }
                if !bytes.isEmpty {
                    boundaries[count] = Int32(truncatingIfNeeded: bytes.count)
                    count += 1
                }
                return body(IgnorePath(bytes: bytes, boundaries: UnsafeBufferPointer(rebasing: boundaries[..<count])))
            }
        }
    }

    /// Whether `part` is at `offset`, which is not negative.
    func holds(_ part: [UInt8], at offset: Int) -> Bool {
        guard part.count <= bytes.count - offset else { return false }
        // From the end, where paths differ sooner.
        var index = part.count
        while index > 0 {
            index -= 1
            if part[index] != bytes[offset + index] { return false }
        }
        return true
    }
}
