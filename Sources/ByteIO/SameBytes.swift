import Glibc

extension Array where Element == UInt8 {
    /// Whether both have the same bytes, compared as memory: for large arrays `==` takes many times as long.
    package func hasSameBytes(as other: [UInt8]) -> Bool {
        guard count == other.count, count > 0 else { return count == other.count }
        return withUnsafeBytes { bytes in
            other.withUnsafeBytes { others in
                guard let first = bytes.baseAddress, let second = others.baseAddress else { return false }
                return memcmp(first, second, bytes.count) == 0
            }
        }
    }
}
