import CLinux
package import Diagnostics
import Glibc
import Synchronization

/// Temporary names on disk, so that an interrupted process can delete them.
///
/// Most drafts have no name (`O_TMPFILE`) and vanish with the process. Names exist only while something is published, and
/// on file systems without nameless files.
package enum TemporaryPaths {
    private struct State {
        var paths: Set<FilePath> = []
        var isEnding = false
    }

    private static let state = Mutex(State())

    package static func insert(_ path: FilePath) { whileRunning { _ = $0.paths.insert(path) } }
    package static func remove(_ path: FilePath) { whileRunning { _ = $0.paths.remove(path) } }

    /// Makes a system call that gives something a name; returns its error, or `nil`.
    ///
    /// Once `deleteAll` has begun, no name is given any more, and this does not return.
    ///
    /// - Parameter kept: temporary names that stay from the moment on at which the call succeeds.
    package static func naming(keeping kept: [FilePath] = [], _ call: () -> Int32) -> SystemError? {
        whileRunning { state in
            if call() < 0 { return .last }
            state.paths.subtract(kept)
            return nil
        }
    }

    /// Deletes all of them, for a process that is about to end.
    package static func deleteAll() {
        state.withLock { state in
            state.isEnding = true
            for path in state.paths { deleteTree(path) }
        }
    }

    /// Stops the calling thread for good once the process is ending. If it went on, it would create files again that were just
    /// deleted, or report their absence as an error.
    private static func whileRunning<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        while true {
            let result: Result? = state.withLock { state in state.isEnding ? nil : .some(body(&state)) }
            if let result { return result }
            pause()
        }
    }

    /// A hidden name in `directory` that no other process uses, and that is recognisable as ours.
    package static func name(in directory: FilePath, for purpose: String) -> FilePath {
        let random = UInt32.random(in: .min ... .max)
        return directory.appending("\(prefix)\(purpose).\(getpid()).\(String(random, radix: 36))")
    }

    /// The beginning of every temporary name.
    package static let prefix = ".coracle-tmp."
}

/// Deletes `path` and, if it is a directory, its content. Files that cannot be deleted stay, and are found again later.
package func deleteTree(_ path: FilePath) {
    guard let names = try? directoryEntries(of: path) else {
        _ = path.withCString { unlink($0) }
        return
    }
    for name in names { deleteTree(path.appending(name: name)) }
    _ = path.withCString { rmdir($0) }
}

/// The names in a directory that is not a symlink, in the kernel's order, without `.` and `..`.
package func directoryEntries(of path: FilePath) throws(SystemError) -> [[UInt8]] {
    try OpenFile(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).directoryEntries()
}

/// Renames a directory to an unused name; false if the name is in use.
package func renameDirectory(_ directory: FilePath, toAbsent path: FilePath) throws(Diagnostic) -> Bool {
    let failure = TemporaryPaths.naming {
        directory.withCString { from in
            path.withCString { to in
                let result = coracle_rename_if_absent(from, to)
                // Some file systems cannot do it: a plain rename replaces at most an empty directory.
                return result != 0 && errno == EINVAL ? rename(from, to) : result
            }
        }
    }
    switch failure?.number {
    case nil: return true
    case EEXIST, ENOTEMPTY, ENOTDIR: return false
    case .some(let number): throw SystemError(number: number).diagnostic("create a directory", path.display)
    }
}
