package import ByteIO
package import Diagnostics
import Glibc

/// Reads a file of this machine from its beginning.
package struct FileSource: ByteSource, ~Copyable {
    private let file: OpenFile
    private let path: FilePath
    private var position: Int64 = 0

    /// - Throws: `io.failed`.
    package init(_ path: FilePath) throws(Diagnostic) {
        file = try Self.open(path)
        self.path = path
    }

    private static func open(_ path: FilePath) throws(Diagnostic) -> OpenFile {
        do throws(SystemError) {
            let file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
            guard try file.status().kind == .regular else { throw SystemError(number: EINVAL) }
            return file
        } catch {
            var problem = error.diagnostic("read a file", path.display)
            problem.reason = error.description(readingAtMost: .max)
            throw problem
        }
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        do throws(SystemError) {
            let count = try file.read(into: buffer, at: position)
            position += Int64(count)
            return count
        } catch {
            throw error.diagnostic("read a file", path.display)
        }
    }
}
