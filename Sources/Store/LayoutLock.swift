import ByteIO
import Diagnostics
import Glibc

/// The right to change a layout, held until it goes out of scope. The kernel frees it when its holder dies.
struct LayoutLock: ~Copyable {
    /// How long to wait for another process, in seconds.
    private static let patience = 120

    private let directory: DirectoryLock

    /// - Throws: `layout.locked` if another process does not let go, at once or after a while.
    init(_ path: FilePath, waiting: Bool = true) throws(Diagnostic) {
        do throws(SystemError) {
            directory = try DirectoryLock(path, patience: waiting ? Self.patience : 0)
        } catch {
            guard error.number == EWOULDBLOCK else { throw error.diagnostic("lock the layout", path.display) }
            throw Diagnostic(
                .layoutLocked,
                "another process is writing to `\(path.display)`",
                at: .file(path: path.display),
                because: "it has held the lock for \(Self.patience) seconds",
                hint: "wait for it, or look for it with `fuser \(path.display)`"
            )
        }
    }

    /// Ends it, where its end is not to be guessed from the code around it.
    consuming func release() {}
}

extension Diagnostic.Code {
    static let layoutLocked = Self("layout.locked", .localIO)
}

/// Deletes what processes that were killed have left in a directory.
func sweepOrphans(in directory: FilePath) {
    for name in (try? directoryEntries(of: directory)) ?? [] where name.starts(with: TemporaryPaths.prefix.utf8) {
        let orphan = directory.appending(name: name)
        // A staging directory's maker holds its lock; a file is younger than the second it takes to rename it.
        if let lock = try? LayoutLock(orphan, waiting: false) {
            deleteTree(orphan)
            lock.release()
        }
    }
}
