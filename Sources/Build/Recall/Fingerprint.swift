import ByteIO
import OCI

/// A digest over values, for telling whether they are the same in another process.
struct Fingerprint {
    private var writer = BinaryWriter()

    /// The digest of everything that was added.
    var digest: Digest { Digest(sha256Of: writer.bytes) }

    mutating func add(_ bytes: [UInt8]) { writer.put(bytes) }
    mutating func add(_ bytes: ArraySlice<UInt8>) { writer.put(bytes) }
    mutating func add(_ byte: UInt8) { writer.put(byte) }
    mutating func add(_ text: String) { writer.put(Array(text.utf8)) }
    mutating func add(_ number: some BinaryInteger) { writer.put(Int64(truncatingIfNeeded: number)) }
    mutating func add(_ flag: Bool) { writer.put(UInt8(flag ? 1 : 0)) }

    /// Adds what decides whether a file is still the same.
    mutating func add(_ status: FileStatus) {
        writer.put(status.stamp)
        writer.put(status.permissions)
        writer.put(status.linkCount)
    }

    /// Adds how many texts there are, and each.
    mutating func add(_ texts: [String]) {
        add(texts.count)
        for text in texts { add(text) }
    }
}
