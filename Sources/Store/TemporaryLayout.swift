package import ByteIO
package import Diagnostics

/// A place for a layout that only this process uses, and that is deleted with the last reference.
///
/// It is in a directory whose lock is held meanwhile: a layout itself is locked only while it is written, and another process
/// that writes beside it would take it for what a killed one has left.
package final class TemporaryLayout: Sendable {
    /// Where the layout is to be made.
    package let path: FilePath
    private let directory: FilePath
    private let lock: LayoutLock

    /// - Throws: `io.failed`.
    package init(in place: FilePath) throws(Diagnostic) {
        directory = TemporaryPaths.name(in: place, for: "image")
        path = directory.appending("image")
        TemporaryPaths.insert(directory)
        do throws(Diagnostic) {
            lock = try LayoutDestination(path).makeLocked(directory)
        } catch {
            TemporaryPaths.remove(directory)
            throw error
        }
    }

    deinit {
        deleteTree(directory)
        TemporaryPaths.remove(directory)
    }
}
