import CLinux
package import Diagnostics
import Glibc
package import SystemPackage
import Synchronization

/// The names that exist on disk only for a moment, so that an interrupted process can take them away.
///
/// Most drafts have no name at all (`O_TMPFILE`) and vanish with the process; this is for the moment of publishing, and
/// for file systems that know no nameless files.
package enum TemporaryPaths {
    private static let paths = Mutex<Set<FilePath>>([])

    package static func insert(_ path: FilePath) { _ = paths.withLock { $0.insert(path) } }
    package static func remove(_ path: FilePath) { _ = paths.withLock { $0.remove(path) } }

    /// Deletes all of them, for a process that is about to end.
    package static func deleteAll() {
        for path in paths.withLock({ $0 }) { deleteTree(path) }
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
        _ = path.withPlatformString { unlink($0) }
        return
    }
    for name in names { deleteTree(path.appending(name: name)) }
    _ = path.withPlatformString { rmdir($0) }
}

/// The names in a directory that is not a symlink, in the kernel's order, without `.` and `..`.
package func directoryEntries(of path: FilePath) throws(SystemError) -> [[UInt8]] {
    try OpenFile(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).directoryEntries()
}

/// Renames a directory to a name that nothing has yet; false if something has it.
package func renameDirectory(_ directory: FilePath, toAbsent path: FilePath) throws(Diagnostic) -> Bool {
    let result = directory.withPlatformString { from in
        path.withPlatformString { to in
            if coracle_rename_if_absent(from, to) == 0 { return Int32(0) }
            // File systems that cannot promise it: a plain rename replaces an empty directory at most.
            return errno == EINVAL && rename(from, to) == 0 ? 0 : errno
        }
    }
    switch result {
    case 0: return true
    case EEXIST, ENOTEMPTY, ENOTDIR: return false
    default: throw SystemError(number: result).diagnostic("create a directory", path.display)
    }
}
