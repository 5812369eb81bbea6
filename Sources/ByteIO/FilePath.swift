import Diagnostics
import Glibc

/// A path of this machine, relative or absolute. As for the kernel, its bytes need not be UTF-8.
package struct FilePath: Hashable, Sendable {
    /// The bytes, without NUL, and without slashes at the end unless it is the root.
    package let bytes: [UInt8]

    /// The path that a user wrote.
    package init(_ text: String) { self.init(bytes: text.utf8) }

    /// The path made of `bytes`, up to the first NUL.
    package init(bytes: some Collection<UInt8>) {
        var bytes = Array(bytes.prefix { $0 != 0 })
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        self.bytes = bytes
    }

    /// The path of a file whose name, or relative path, is `name`, in this directory.
    package func appending(_ name: String) -> FilePath { appending(name: Array(name.utf8)) }

    /// The path of a file whose name, as the kernel returns it, is `name`, in this directory.
    package func appending(name: [UInt8]) -> FilePath {
        var joined = [UInt8]()
        joined.reserveCapacity(bytes.count + 1 + name.count)
        joined += bytes
        if let last = joined.last, last != UInt8(ascii: "/") { joined.append(UInt8(ascii: "/")) }
        joined += name
        return FilePath(bytes: joined)
    }

    /// The directory of the path; `.` if it names none.
    package var directory: FilePath {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == 0 ? "/" : FilePath(bytes: bytes[..<slash])
    }

    /// The last component, for messages and for names made from it; empty for the root.
    package var name: String {
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return String(printing: bytes[start...])
    }

    /// The path for messages. Bytes that are not UTF-8 are shown as `\xNN`.
    package var display: String { String(printing: bytes) }

    /// The absolute path without symlinks; `nil` if the file does not exist.
    package var resolved: FilePath? {
        withCString { path in
            guard let real = realpath(path, nil) else { return nil }
            defer { free(real) }
            return FilePath(bytes: UnsafeBufferPointer(start: real, count: strlen(real)).map { UInt8(bitPattern: $0) })
        }
    }

    /// Calls `body` with the path as a C string.
    package func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                guard let start = text.baseAddress else { preconditionFailure("a path has at least its NUL") }
                return body(start)
            }
        }
    }
}

extension FilePath: ExpressibleByStringLiteral {
    /// Makes a path of a literal.
    package init(stringLiteral value: String) { self.init(value) }
}
