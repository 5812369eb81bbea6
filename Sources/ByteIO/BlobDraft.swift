import CLinux
package import Diagnostics
import Glibc

/// A file being written that has no name yet. It gets one when it is complete; it vanishes if it goes out of scope before, or
/// if the process dies.
package struct BlobDraft: ByteSink, ~Copyable {
    private let draft: DraftFile
    private var size: Int64 = 0
    private var flushed: Int64 = 0

    /// Begins a file that will be in `directory`, or elsewhere on its file system.
    package init(in directory: FilePath) throws(Diagnostic) {
        do throws(SystemError) {
            draft = try DraftFile(in: directory)
        } catch {
            var problem = error.diagnostic("write here", directory.display)
            if error.number == ENOENT {
                problem.hint =
                    (try? FileStatus(at: directory)) == nil
                    ? "create the directory first: `mkdir -p \(directory.display)`"
                    : "its file system does not take files: name another place"
            }
            throw problem
        }
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) {
        do throws(SystemError) {
            try draft.file.write(bytes)
        } catch {
            throw error.diagnostic("write", draft.directory.display)
        }
        size += Int64(bytes.count)
        // Writing to disk begins early, so that little is left to wait for at the end.
        if size - flushed >= 8 << 20 {
            coracle_begin_writeback(draft.file.descriptor, off_t(flushed), off_t(size - flushed))
            flushed = size
        }
    }

    /// Adds the `count` bytes at `offset` of `file`, which are shared with it until one of both is written to, if the file
    /// system can.
    ///
    /// - Throws: `io.failed`, also if there are fewer bytes.
    package mutating func copy(_ file: borrowing OpenFile, at offset: Int64, count: Int64) throws(Diagnostic) {
        do throws(SystemError) {
            guard try draft.file.copy(file, at: offset, count: count) == count else { throw SystemError(number: EIO) }
        } catch {
            throw error.diagnostic("write", draft.directory.display)
        }
        size += count
        flushed = size
    }

    /// Completes the file.
    package consuming func seal() -> SealedDraft { SealedDraft(draft, size: size) }
}

extension [[UInt8]] {
    /// Writes a file of these pieces, which appears whole. A device or a pipe takes them as they come, and stays.
    ///
    /// - Throws: `io.failed`.
    package func write(to path: FilePath) throws(Diagnostic) {
        if let status = try? FileStatus(at: path, following: true), ![.regular, .directory].contains(status.kind) {
            do throws(SystemError) {
                let file = try OpenFile(path, O_WRONLY)
                for piece in self { try file.write(piece) }
            } catch {
                throw error.diagnostic("write", path.display)
            }
            return
        }
        var draft = try BlobDraft(in: path.directory)
        for piece in self { try draft.write(piece) }
        try draft.seal().replace(path)
    }
}
