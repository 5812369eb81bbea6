import CLinux
package import Diagnostics
import Glibc

/// A complete file that has no name yet. It can be given names; without one it vanishes with the last reference.
package struct SealedDraft: Sendable {
    let draft: DraftFile
    /// Size of the file, in bytes.
    package let size: Int64

    init(_ draft: DraftFile, size: Int64) {
        self.draft = draft
        self.size = size
    }

    /// Makes the content survive a power loss.
    package func synchronize() throws(Diagnostic) {
        do throws(SystemError) {
            try draft.file.synchronize()
        } catch {
            throw error.diagnostic("write to disk", draft.directory.display)
        }
    }

    /// Another file with the same bytes, in `directory` or elsewhere on its file system.
    package func duplicated(in directory: FilePath) throws(Diagnostic) -> SealedDraft {
        var copy = try BlobDraft(in: directory)
        try copy.copy(draft.file, at: 0, count: size)
        return copy.seal()
    }

    /// Begins to write the content to disk, and does not wait.
    package func beginWriteback() { coracle_begin_writeback(draft.file.descriptor, 0, off_t(size)) }

    /// The file, opened again for reading.
    package func duplicate() throws(Diagnostic) -> OpenFile {
        do throws(SystemError) {
            return OpenFile(owning: try retrying { fcntl(draft.file.descriptor, F_DUPFD_CLOEXEC, 0) })
        } catch {
            throw error.diagnostic("read back", draft.directory.display)
        }
    }

    /// Writes all bytes to `sink`.
    package func copy<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(Diagnostic) {
        var offset: Int64 = 0
        while offset < size {
            let chunk = try bytes(at: offset, count: Int(min(size - offset, 1 << 18)))
            try sink.write(chunk)
            offset += Int64(chunk.count)
        }
    }

    /// Exactly the `count` bytes from `offset` on. They must exist.
    package func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            let bytes = try draft.file.bytes(at: offset, count: count)
            guard bytes.count == count else { throw SystemError(number: EIO) }
            return bytes
        } catch {
            throw error.diagnostic("read back", draft.directory.display)
        }
    }
}
