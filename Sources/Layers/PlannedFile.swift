import ByteIO
import Diagnostics
import Glibc

/// A file of an application as it was planned with, read only while it is still that file.
struct PlannedFile {
    let path: FilePath
    let stamp: FileStamp
    /// Where it goes in the image.
    let entry: EntryPath

    /// Fills `buffer` from `offset` on.
    ///
    /// - Throws: `layer.file-changed` if the file is another one, or has another size or time, when it has been read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Diagnostic) {
        do throws(SystemError) {
            // Whatever was put in the file's place meanwhile: a symlink is not followed, a FIFO does not block.
            let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
            let count = try file.read(into: buffer, at: offset)
            // One look is enough, after the reading: it shows what changed before it as well.
            guard count == buffer.count, try file.status().stamp == stamp else { throw SystemError(number: ESTALE) }
        } catch {
            switch error.number {
            // The last two are what reading a directory and a FIFO gives.
            case ESTALE, ENOENT, ELOOP, ENOTDIR, ENXIO, EISDIR, ESPIPE:
                throw Diagnostic(
                    .layerFileChanged,
                    "a file changed while the image was built",
                    at: .file(path: path.display),
                    because: error.number == ENOENT
                        ? "it is gone" : "its size, time or identity is not what it was when the build began",
                    hint: "let whatever writes it finish, then build again"
                )
            case EACCES, EPERM:
                throw Diagnostic(
                    .layerFileUnreadable,
                    "a file cannot be read",
                    at: .file(path: path.display),
                    because: error.description,
                    hint: "make it readable for you, or leave it out with a line in `.coracleignore`"
                )
            default:
                throw error.diagnostic("read a file", path.display)
            }
        }
    }
}

extension Diagnostic.Code {
    static let layerFileChanged = Self("layer.file-changed", .input)
    static let layerFileUnreadable = Self("layer.file-unreadable", .input)
}
