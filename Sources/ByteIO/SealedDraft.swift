import CLinux
package import Diagnostics
import Glibc

/// A complete file that has no name yet. It can be given names; without one it vanishes with the last reference.
package struct SealedDraft: Sendable {
    private let draft: DraftFile
    /// Size of the file, in bytes.
    package let size: Int64

    init(_ draft: DraftFile, size: Int64) {
        self.draft = draft
        self.size = size
    }

    /// Makes the content survive a power loss.
    package func synchronize() throws(Diagnostic) {
        do throws(SystemError) {
            try draft.file.synchronize()
        } catch {
            throw error.diagnostic("write to disk", draft.directory.display)
        }
    }

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

    /// Another file with the same bytes, in `directory` or elsewhere on its file system.
    package func duplicated(in directory: FilePath) throws(Diagnostic) -> SealedDraft {
        var copy = try BlobDraft(in: directory)
        try copy.copy(draft.file, at: 0, count: size)
        return copy.seal()
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

    /// Begins to write the content to disk, and does not wait.
    package func beginWriteback() { coracle_begin_writeback(draft.file.descriptor, 0, off_t(size)) }

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

    /// The file, opened again for reading.
    package func duplicate() throws(Diagnostic) -> OpenFile {
        do throws(SystemError) {
            return OpenFile(owning: try retrying { fcntl(draft.file.descriptor, F_DUPFD_CLOEXEC, 0) })
        } catch {
            throw error.diagnostic("read back", draft.directory.display)
        }
    }

    /// Writes all bytes to `sink`.
    package func copy<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(Diagnostic) {
        var offset: Int64 = 0
        while offset < size {
            let chunk = try bytes(at: offset, count: Int(min(size - offset, 1 << 18)))
            try sink.write(chunk)
            offset += Int64(chunk.count)
        }
    }

    /// Exactly the `count` bytes from `offset` on. They must exist.
    package func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            let bytes = try draft.file.bytes(at: offset, count: count)
            guard bytes.count == count else { throw SystemError(number: EIO) }
            return bytes
        } catch {
            throw error.diagnostic("read back", draft.directory.display)
        }
    }
}
