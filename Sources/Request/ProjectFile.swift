package import ByteIO
import Glibc

/// A file that says what a project builds and how it wants its images: `coracle.yaml`, or one with images alone.
package enum ProjectFile {
    /// In bytes: room for ten thousand images, and some words about each.
    package static let sizeLimit = 8 << 20

    /// All bytes; if the file is too large, one byte more than the limit, so that the parser detects it.
    package static func bytes(of path: FilePath) throws(SystemError) -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        let status = try file.status()
        // A pipe has no size to go by, and would be taken for an empty file.
        guard status.kind == .regular else {
            throw SystemError(number: status.kind == .directory ? EISDIR : EINVAL)
        }
        return try file.bytes(at: 0, count: Int(min(status.size, Int64(sizeLimit + 1))))
    }
}
