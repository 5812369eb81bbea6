import Diagnostics
import ELF
import Glibc
import TestSupport

/// A file on disk, which remembers how much of it was read.
final class FileBytes: ElfSource {
    let size: Int64
    private(set) var readCount = 0
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SupportError("cannot open \(path)") }
        size = Int64(lseek(descriptor, 0, SEEK_END))
    }

    deinit { close(descriptor) }

    func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        readCount += count
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            done = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
        }
        guard bytes.count == count else { throw Diagnostic(.elfTruncated, "read \(bytes.count) of \(count) bytes") }
        return bytes
    }

    func all() throws -> [UInt8] { try bytes(at: 0, count: Int(size)) }
}
