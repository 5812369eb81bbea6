import ByteIO
import Diagnostics

/// A stretch of an open file: a whole file, or an archive's entry.
package final class FileExtent: Sendable {
    private let path: FilePath
    private let file: OpenFile
    private let start: Int64
    /// In bytes.
    package let size: Int64

    init(path: FilePath, _ file: consuming OpenFile, start: Int64, size: Int64) {
        self.path = path
        self.file = file
        self.start = start
        self.size = size
    }

    /// Reads into `buffer` what stands at `offset`; returns how many bytes came, which is less at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Diagnostic) -> Int {
        let count = Int(max(0, min(Int64(buffer.count), size - offset)))
        guard count > 0 else { return 0 }
        do throws(SystemError) {
            return try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: start + offset)
        } catch {
            throw error.diagnostic("read", path.display)
        }
    }

    func readAll() throws(Diagnostic) -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count throws(Diagnostic) in
            count = try read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
        }
    }
}
