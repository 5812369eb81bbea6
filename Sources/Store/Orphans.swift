import ByteIO
import Diagnostics

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
