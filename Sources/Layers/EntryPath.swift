import ByteIO
package import Diagnostics
import Glibc

/// Where an entry goes in the image's root filesystem: relative to `/`, with no leading or trailing slash, no empty
/// component, no `.` and no `..`. The root itself is the empty path.
///
/// Bytes, not text: a name on Linux need not be UTF-8, and is stored as it is.
package struct EntryPath: Hashable, Comparable, Sendable {
    package let bytes: [UInt8]

    /// The root directory.
    package static let root = EntryPath(unchecked: [])

    /// Takes bytes that are known to be a relative path in normal form, such as names that the kernel gave.
    package init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// Parses an absolute path as a user writes it: `/app/server`.
    ///
    /// - Throws: `entry.path-malformed` for an empty or relative path, and for one with `//`, `.`, `..` or NUL in it, or
    ///   with a name that means something else in a layer (image-spec, layer.md § Whiteouts).
    ///   One slash at the end is allowed.
    package init(absolute text: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                .entryPathMalformed,
                "`\(text)` is not a place in an image",
                because: reason,
                hint: "write an absolute path such as `/app/server`"
            )
        }
        guard !text.isEmpty else { throw malformed("it is empty") }
        guard text.utf8.first == UInt8(ascii: "/") else { throw malformed("it does not begin with `/`") }
        guard !text.utf8.contains(0) else { throw malformed("it contains a NUL byte") }
        var rest = text.utf8.dropFirst()
        if rest.last == UInt8(ascii: "/") { rest = rest.dropLast() }
        guard !rest.isEmpty else {
            guard text == "/" else { throw malformed("it has an empty component") }
            self = .root
            return
        }
        for component in rest.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            switch String(component) {
            case "": throw malformed("it has an empty component")
            case ".", "..": throw malformed("it has the component `\(String(component) ?? "")`")
            case _ where Whiteout.has(name: component): throw malformed(Whiteout.reason)
            default: continue
            }
        }
        bytes = Array(rest)
    }

    package var isRoot: Bool { bytes.isEmpty }

    /// The path one level up; `nil` for the root.
    package var parent: EntryPath? {
        guard !isRoot else { return nil }
        guard let slash = lastSlash else { return .root }
        return EntryPath(unchecked: Array(bytes[..<slash]))
    }

    /// The last component; empty for the root.
    package var name: ArraySlice<UInt8> {
        guard let slash = lastSlash else { return bytes[...] }
        return bytes[(slash + 1)...]
    }

    private var lastSlash: Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var index = bytes.count - 1
            while index >= 0, bytes[index] != UInt8(ascii: "/") { index -= 1 }
            return index >= 0 ? index : nil
        }
    }

    /// The path of `name`, which may itself have several components, below this directory.
    package func appending(_ name: some Collection<UInt8>) -> EntryPath {
        if isRoot { return EntryPath(unchecked: Array(name)) }
        var joined = [UInt8]()
        joined.reserveCapacity(bytes.count + 1 + name.count)
        joined += bytes
        joined.append(UInt8(ascii: "/"))
        joined += name
        return EntryPath(unchecked: joined)
    }

    /// Whether `other` is this path, or below it.
    package func contains(_ other: EntryPath) -> Bool {
        guard other.bytes.count > bytes.count else { return self == other }
        guard !isRoot else { return true }
        return other.bytes[bytes.count] == UInt8(ascii: "/") && bytes.isSameMemory(as: other.bytes, count: bytes.count)
    }

    /// Whether `other` is directly in this directory.
    package func isParent(of other: EntryPath) -> Bool {
        guard contains(other), other.bytes.count > bytes.count else { return false }
        let start = isRoot ? 0 : bytes.count + 1
        return !other.bytes[start...].contains(UInt8(ascii: "/"))
    }

    // The synthesised comparison and hash take one byte at a time.
    package static func == (left: EntryPath, right: EntryPath) -> Bool {
        left.bytes.hasSameBytes(as: right.bytes)
    }

    package func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// Bytewise with `/` before every other byte, so that a directory is followed by all that is in it.
    package static func < (left: EntryPath, right: EntryPath) -> Bool {
        left.bytes.withUnsafeBufferPointer { left in
            right.bytes.withUnsafeBufferPointer { right in
                let shared = min(left.count, right.count)
                var index = 0
                if shared >= 8, let left = left.baseAddress, let right = right.baseAddress {
                    // Neighbours in a tree share most of their path: eight bytes at a time.
                    while index + 8 <= shared,
                        UnsafeRawPointer(left + index).loadUnaligned(as: UInt64.self)
                            == UnsafeRawPointer(right + index).loadUnaligned(as: UInt64.self)
                    { index += 8 }
                }
                while index < shared {
                    let (a, b) = (left[index], right[index])
                    if a != b { return a == UInt8(ascii: "/") || (b != UInt8(ascii: "/") && a < b) }
                    index += 1
                }
                return left.count < right.count
            }
        }
    }
}

extension [UInt8] {
    /// Whether the first `count` bytes of both, which have as many, are the same.
    fileprivate func isSameMemory(as other: [UInt8], count: Int) -> Bool {
        withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return memcmp(left, right, count) == 0
            }
        }
    }
}

extension EntryPath: CustomStringConvertible {
    /// As a user knows it, with a leading slash; bytes that are not UTF-8 are shown as `\xNN`.
    package var description: String { "/" + String(printing: bytes) }
}

extension Diagnostic.Code {
    package static let entryPathMalformed = Self("entry.path-malformed", .usage)
}

extension EntryPath {
    /// The place that an absolute path means, whatever dots and slashes it has.
    package init(normalizing text: String) {
        var components = [Substring.UTF8View]()
        for component in text.utf8.split(separator: UInt8(ascii: "/")) {
            if component.elementsEqual("..".utf8) {
                _ = components.popLast()
            } else if !component.elementsEqual(".".utf8) {
                components.append(component)
            }
        }
        self.init(unchecked: Array(components.joined(separator: "/".utf8)))
    }
}
