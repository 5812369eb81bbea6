import Diagnostics
import CLinux
package import SystemPackage

extension FilePath {
    /// The path's bytes as the kernel takes them, without the NUL at the end.
    package var bytes: [UInt8] {
        withPlatformString { text in
            var bytes = [UInt8]()
            var next = text
            while next.pointee != 0 {
                bytes.append(UInt8(bitPattern: next.pointee))
                next += 1
            }
            return bytes
        }
    }

    /// The path made of `bytes`, which contain no NUL.
    package init(bytes: some Collection<UInt8>) {
        self.init(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
    }

    /// The path of the file `name`, as the kernel gives it, in this directory.
    package func appending(name: [UInt8]) -> FilePath {
        var joined = bytes
        if let last = joined.last, last != UInt8(ascii: "/") { joined.append(UInt8(ascii: "/")) }
        return FilePath(bytes: joined + name)
    }

    /// The directory that a relative or absolute path is in: `.` where it names none.
    package var directory: FilePath {
        let parent = removingLastComponent()
        return parent.isEmpty ? "." : parent
    }

    /// For messages: bytes that are not UTF-8 are shown as `\xNN`.
    package var display: String { String(printing: bytes) }

    /// Whether the file here has capabilities of its own (`setcap`), which an image does not carry by itself.
    package var hasFileCapabilities: Bool {
        withPlatformString { coracle_attribute_size($0, "security.capability") } > 0
    }
}
