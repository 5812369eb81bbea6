import Glibc

/// The file of a draft, which vanishes with the last reference to it.
final class DraftFile: Sendable {
    let file: OpenFile
    /// The directory in which it is or would be if it had a name.
    let directory: FilePath
    /// Its temporary name, on file systems without nameless files.
    let temporaryPath: FilePath?

    init(in directory: FilePath) throws(SystemError) {
        self.directory = directory
        // O_TMPFILE is O_DIRECTORY and a bit of its own, which the import of the macro omits.
        let nameless: Int32 = 0o20000000 | O_DIRECTORY
        if let file = try Self.open(directory, O_RDWR | nameless) {
            self.file = file
            temporaryPath = nil
        } else {
            var path = directory
            file = try Self.named(in: directory, &path)
            temporaryPath = path
        }
        // The lock shows to a later clean-up that the process that owns the file is alive.
        flock(file.descriptor, LOCK_EX | LOCK_NB)
    }

    /// A locked file with a temporary name, which `path` becomes.
    private static func named(in directory: FilePath, _ path: inout FilePath) throws(SystemError) -> OpenFile {
        while true {
            path = TemporaryPaths.name(in: directory, for: "blob")
            TemporaryPaths.insert(path)
            do throws(SystemError) {
                let file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL)
                // A clean-up that comes in between has the lock, or has deleted the file already.
                let isTaken = flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
                if !isTaken, try file.status().linkCount > 0 { return file }
                TemporaryPaths.remove(path)
            } catch {
                TemporaryPaths.remove(path)
                throw error
            }
        }
    }

    /// Whether the file has no name any more, and can get none: Linux gives a file without names one only if it never had any.
    var hasLostItsName: Bool { (try? file.status().linkCount) == 0 }

    /// A file without a name; `nil` if the file system does not support it.
    private static func open(_ directory: FilePath, _ flags: Int32) throws(SystemError) -> OpenFile? {
        do throws(SystemError) {
            return try OpenFile(directory, flags)
        } catch {
            guard error.number == EOPNOTSUPP || error.number == EISDIR || error.number == EINVAL else { throw error }
            return nil
        }
    }

    deinit {
        guard let temporaryPath else { return }
        _ = temporaryPath.withCString { unlink($0) }
        TemporaryPaths.remove(temporaryPath)
    }
}
