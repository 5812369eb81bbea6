import Glibc

/// The right to change what is in a directory, held until it goes out of scope. The kernel frees it when its holder dies.
///
/// The lock is on the directory itself (`flock`), so that no lock file lies about.
package struct DirectoryLock: ~Copyable {
    private let directory: OpenFile

    /// - Parameter patience: how long to wait for another process, in seconds; 0 to try once.
    /// - Throws: `EWOULDBLOCK` if another process does not let go.
    package init(_ path: FilePath, patience: Int) throws(SystemError) {
        let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let attempts = max(1, patience * 50)
        for attempt in 1...attempts {
            if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 {
                directory = file
                return
            }
            guard errno == EWOULDBLOCK || errno == EINTR else { throw .last }
            if attempt < attempts { usleep(20_000) }
        }
        throw SystemError(number: EWOULDBLOCK)
    }

    /// Ends it, where its end is not to be guessed from the code around it.
    package consuming func release() {}
}
