import CSigning
import Synchronization

/// Bytes that no one else may see: overwritten when the last reference to them goes.
final class SecretBytes: Sendable {
    private let bytes: Mutex<[UInt8]>

    /// Takes the bytes; callers keep no copy.
    init(_ bytes: consuming [UInt8]) { self.bytes = Mutex(bytes) }

    /// Lends the bytes, which `body` may not keep.
    func withBytes<Result: Sendable>(_ body: (UnsafePointer<UInt8>, _ size: Int) -> Result) -> Result {
        bytes.withLock { bytes in
            bytes.withUnsafeBufferPointer { buffer in
                // An empty array has no address; what is given is not read then.
                withUnsafePointer(to: UInt8(0)) { nothing in body(buffer.baseAddress ?? nothing, buffer.count) }
            }
        }
    }

    deinit { bytes.withLock { coracle_cleanse(&$0, $0.count) } }
}

extension [UInt8] {
    /// Overwrites the bytes, of which there may be no copy.
    mutating func cleanse() { coracle_cleanse(&self, count) }
}
