import ByteIO
import Layers
import OCI

/// A digest over values, for telling whether they are the same in another process.
struct Fingerprint {
    private var writer = BinaryWriter()

    /// Of all that was added.
    var digest: Digest { Digest(sha256Of: writer.bytes) }

    mutating func add(_ bytes: some Collection<UInt8>) { writer.put(bytes) }

    mutating func add(_ stamp: FileStamp) {
        writer.put(stamp)
    }

    mutating func add(_ permissions: UInt16, _ linkCount: UInt64) {
        writer.put(permissions)
        writer.put(linkCount)
    }

    /// Adds all that `value` stores, by its names: nobody can add a property to a type and forget to add it here.
    mutating func add(reflecting value: Any) {
        // A value's own parts are few; there are no cycles among values.
        switch value {
        case let text as String: writer.put(Array(text.utf8))
        case let number as any FixedWidthInteger: writer.put(Array("\(number)".utf8))
        case let flag as Bool: writer.put(UInt8(flag ? 1 : 0))
        case let path as FilePath: writer.put(path.bytes)
        default: addParts(of: value)
        }
    }

    private mutating func addParts(of value: Any) {
        let mirror = Mirror(reflecting: value)
        writer.put(Array("\(type(of: value))".utf8))
        switch mirror.displayStyle {
        // These have no order of their own.
        case .dictionary, .set:
            let parts = mirror.children.map { child in
                var part = Fingerprint()
                part.add(reflecting: child.value)
                return part.digest.hex
            }
            for part in parts.sorted() { writer.put(Array(part.utf8)) }
        default:
            // A case without a value has no parts, and is its name.
            if mirror.displayStyle == .enum { writer.put(Array("\(value)".prefix { $0 != "(" }.utf8)) }
            for child in mirror.children {
                writer.put(Array((child.label ?? "").utf8))
                add(reflecting: child.value)
            }
        }
        writer.put(UInt32(truncatingIfNeeded: mirror.children.count))
    }
}
