package import ByteIO
package import Diagnostics
import Glibc

/// A directory for files that are too large for memory, until a layer has been written from them. It is deleted with its
/// last reference.
package final class SpillDirectory: Sendable {
    package let path: FilePath

    /// Makes a directory with a temporary name inside `parent`.
    package init(in parent: FilePath) throws(Diagnostic) {
        let path = TemporaryPaths.name(in: parent, for: "unpack")
        TemporaryPaths.insert(path)
        if let error = TemporaryPaths.naming({ path.withCString { mkdir($0, 0o700) } }) {
            TemporaryPaths.remove(path)
            throw error.diagnostic("create a directory", path.display)
        }
        self.path = path
    }

    deinit {
        deleteTree(path)
        TemporaryPaths.remove(path)
    }
}
