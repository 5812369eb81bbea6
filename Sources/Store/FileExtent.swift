import ByteIO
import Diagnostics
import Glibc
import OCI

/// A stretch of an open file: a whole file, or an archive's entry. Or bytes that were made while an archive was read.
package final class FileExtent: Sendable {
    /// Where the file was when it was opened, for messages.
    let path: FilePath
    private let file: OpenFile
    /// Takes the file's place.
    private let made: [UInt8]?
    private let start: Int64
    /// In bytes.
    package let size: Int64

    init(path: FilePath, _ file: consuming OpenFile, start: Int64, size: Int64) {
        self.path = path
        self.file = file
        self.start = start
        self.size = size
        made = nil
    }

    /// Bytes that are in no file: of a document made from what is at `path`.
    init(path: FilePath, made: [UInt8]) throws(SystemError) {
        self.path = path
        self.made = made
        // A class cannot hold an optional file.
        file = try OpenFile("/dev/null", O_RDONLY)
        start = 0
        size = Int64(made.count)
    }

    /// Opens the plain file at `path`: a symlink, a FIFO and the like are refused with `ELOOP`.
    convenience init(opening path: FilePath) throws(SystemError) {
        // The maker of the directory could have put a symlink to any file of this machine into it.
        let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let status = try file.status()
        guard status.kind == .regular else { throw SystemError(number: ELOOP) }
        self.init(path: path, file, start: 0, size: status.size)
    }

    /// The file whose bytes these are, all of them; `nil` if there is none, or another one is there by now.
    var wholeFile: FilePath? {
        guard made == nil, start == 0, let real = path.resolved, let there = try? FileStatus(at: real),
            there.kind == .regular, there.size == size, there.stamp == (try? file.status())?.stamp
        else { return nil }
        return real
    }

    /// Reads into `buffer` what stands at `offset`; returns how many bytes came, which is less at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Diagnostic) -> Int {
        guard offset >= 0, offset < size else { return 0 }
        let count = Int(min(Int64(buffer.count), size - offset))
        guard count > 0 else { return 0 }
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        if let made {
            part.copyBytes(from: made[Int(offset)..<Int(offset) + count])
            return count
        }
        do throws(SystemError) {
            return try file.read(into: part, at: start + offset)
        } catch {
            throw error.diagnostic("read", path.display)
        }
    }

    func readAll() throws(Diagnostic) -> [UInt8] { try read(at: 0, count: Int(size)) }

    /// The `count` bytes at `offset`; fewer at the end.
    func read(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        let count = Int(min(Int64(max(0, count)), max(0, size - max(0, offset))))
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, read throws(Diagnostic) in
            read = try self.read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
    }

    /// The digest of all its bytes, which are read for it.
    func digest() throws(Diagnostic) -> Digest {
        var hasher = SHA256Hasher()
        var offset: Int64 = 0
        try withBuffer(of: 1 << 18) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
            while true {
                let count = try read(into: buffer, at: offset)
                if count == 0 { return }
                hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                offset += Int64(count)
            }
        }
        return hasher.finalize()
    }

    /// Adds all its bytes to `draft`, unread: where the file system can, the draft shares them until one of both is written
    /// to.
    func copy(to draft: inout BlobDraft) throws(Diagnostic) {
        guard let made else { return try draft.copy(file, at: start, count: size) }
        try draft.write(made)
    }

    /// Whether it is all of the file at `path`.
    func isFile(at path: FilePath) -> Bool {
        guard made == nil, start == 0, let there = try? FileStatus(at: path), let own = try? file.status() else {
            return false
        }
        return there.stamp == own.stamp && own.size == size
    }

    /// Sets the file's times to now. Failure is ignored: the file is only deleted earlier.
    func touch() {
        guard made == nil else { return }
        _ = futimens(file.descriptor, nil)
    }
}
