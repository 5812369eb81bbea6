package import Diagnostics
import Glibc

// How a complete file gets a name, in one step.
extension SealedDraft {
    /// Gives the file the name `path`; `false` if the name is in use.
    ///
    /// A file that has a name already is copied: what has two names could be changed under one of them for both. So is one
    /// that had a name and lost it, in a cache that is pruned meanwhile: Linux gives it no other.
    ///
    /// - Parameter kept: temporary names that stay once the file has its own.
    package func link(at path: FilePath, keeping kept: [FilePath] = []) throws(Diagnostic) -> Bool {
        if hasName { return try linkDuplicate(at: path, keeping: kept) }
        guard let error = failure(linkingAt: path, keeping: kept) else { return true }
        switch error.number {
        case EEXIST: return false
        case ENOENT where draft.hasLostItsName: return try linkDuplicate(at: path, keeping: kept)
        default: throw error.diagnostic("create a file", path.display)
        }
    }

    private func linkDuplicate(at path: FilePath, keeping kept: [FilePath] = []) throws(Diagnostic) -> Bool {
        let copy = try duplicated(in: path.directory)
        try copy.synchronize()
        guard let error = copy.failure(linkingAt: path, keeping: kept) else { return true }
        if error.number == EEXIST { return false }
        throw error.diagnostic("create a file", path.display)
    }

    /// Gives the file the name `path`, also on another file system: the new file is a copy then.
    package func put(at path: FilePath) throws(Diagnostic) -> Bool {
        if hasName { return try link(at: path) }
        guard let error = failure(linkingAt: path) else { return true }
        switch error.number {
        case EEXIST: return false
        case EXDEV: return try duplicated(in: path.directory).link(at: path)
        case ENOENT where draft.hasLostItsName: return try linkDuplicate(at: path)
        default: throw error.diagnostic("create a file", path.display)
        }
    }

    /// Gives the file the name `path` in one step, and replaces a file of that name.
    ///
    /// - Parameter kept: temporary names that stay once the file has its own.
    package func replace(_ path: FilePath, keeping kept: [FilePath] = []) throws(Diagnostic) {
        if try link(at: path, keeping: kept) { return }
        // A link cannot replace a file, a rename can.
        let temporary = TemporaryPaths.name(in: path.directory, for: "replace")
        TemporaryPaths.insert(temporary)
        defer { TemporaryPaths.remove(temporary) }
        guard try link(at: temporary) else {
            throw SystemError(number: EEXIST).diagnostic("create a file", temporary.display)
        }
        let failure = TemporaryPaths.naming(keeping: kept) {
            temporary.withCString { temporary in path.withCString { rename(temporary, $0) } }
        }
        if let error = failure {
            _ = temporary.withCString { unlink($0) }
            throw error.diagnostic("replace a file", path.display)
        }
    }

    /// Whether the file has a name that stays.
    private var hasName: Bool {
        guard let status = try? draft.file.status() else { return false }
        return status.linkCount > (draft.temporaryPath == nil ? 0 : 1)
    }

    private func failure(linkingAt path: FilePath, keeping kept: [FilePath] = []) -> SystemError? {
        let source = draft.temporaryPath ?? FilePath("/proc/self/fd/\(draft.file.descriptor)")
        return TemporaryPaths.naming(keeping: kept) {
            source.withCString { source in
                path.withCString { linkat(AT_FDCWD, source, AT_FDCWD, $0, AT_SYMLINK_FOLLOW) }
            }
        }
    }
}
