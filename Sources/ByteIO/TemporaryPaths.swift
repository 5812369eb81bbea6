import CLinux
package import Diagnostics
import Glibc
import Synchronization

/// The names that exist on disk only for a moment, so that an interrupted process can take them away.
///
/// Most drafts have no name at all (`O_TMPFILE`) and vanish with the process; this is for the moment of publishing, and
/// for file systems that know no nameless files.
package enum TemporaryPaths {
    private struct State {
        var paths: Set<FilePath> = []
        var isEnding = false
    }

    private static let state = Mutex(State())

    package static func insert(_ path: FilePath) { whileRunning { _ = $0.paths.insert(path) } }
    package static func remove(_ path: FilePath) { whileRunning { _ = $0.paths.remove(path) } }

    /// Makes a system call that gives something a name; returns its error, nil if there is none.
    ///
    /// Once `deleteAll` has begun, nothing gets a name any more, and this does not return.
    package static func naming(_ call: () -> Int32) -> SystemError? {
        whileRunning { _ in call() < 0 ? .last : nil }
    }

    /// Deletes all of them, for a process that is about to end.
    package static func deleteAll() {
        state.withLock { state in
            state.isEnding = true
            for path in state.paths { deleteTree(path) }
        }
    }

    /// Stops the calling thread for good once the process is ending: going on, it would make again what has just been
    /// deleted, or report its absence as an error.
    private static func whileRunning<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        while true {
            let result: Result? = state.withLock { state in state.isEnding ? nil : .some(body(&state)) }
            if let result { return result }
            pause()
        }
    }

    /// A name in `directory` that no other process uses: hidden, and recognisable as ours.
    package static func name(in directory: FilePath, for purpose: String) -> FilePath {
        let random = UInt32.random(in: .min ... .max)
        return directory.appending("\(prefix)\(purpose).\(getpid()).\(String(random, radix: 36))")
    }

    /// What every temporary name begins with.
    package static let prefix = ".coracle-tmp."
}

/// Deletes `path` and, if it is a directory, what is in it. What cannot be deleted stays: it is found again later.
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

/// Renames a directory to a name that nothing has yet; false if something has it.
package func renameDirectory(_ directory: FilePath, toAbsent path: FilePath) throws(Diagnostic) -> Bool {
    let failure = TemporaryPaths.naming {
        directory.withCString { from in
            path.withCString { to in
                let result = coracle_rename_if_absent(from, to)
                // File systems that cannot promise it: a plain rename replaces an empty directory at most.
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
