import ByteIO
import Diagnostics

/// A file read from its beginning, in which what is not wanted is passed over without being read.
struct SeekableSource: ByteSource, ~Copyable {
    private let file: OpenFile
    private let path: FilePath
    private let size: Int64
    private var position: Int64 = 0

    init(_ file: consuming OpenFile, _ path: FilePath) throws(Diagnostic) {
        self.path = path
        do throws(SystemError) {
            size = try file.status().size
        } catch {
            throw error.diagnostic("read", path.display)
        }
        self.file = file
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        do throws(SystemError) {
            let count = try file.read(into: buffer, at: position)
            position += Int64(count)
            return count
        } catch {
            throw error.diagnostic("read", path.display)
        }
    }

    mutating func skip(_ count: Int64) throws(Diagnostic) -> Int64 {
        let skipped = max(0, min(count, size - position))
        position += skipped
        return skipped
    }
}
