import ByteIO
package import Diagnostics
import Glibc

/// A directory of this user's, in which no other user can put anything.
enum CacheDirectory {
    /// What the file `version` of a cache says that is laid out as we know it.
    private static let version = Array("1\n".utf8)

    /// Makes the directory and those above it, if they are not there, and checks them; returns the path without symlinks.
    ///
    /// - Throws: `cache.unusable`.
    static func prepare(_ path: FilePath) throws(Diagnostic) -> FilePath {
        var missing = [FilePath]()
        var existing = path
        while existing.resolved == nil {
            missing.append(existing)
            guard existing != existing.directory else { break }
            existing = existing.directory
        }
        if let resolved = existing.resolved { try checkAll(above: resolved, for: path) }
        for directory in missing.reversed() {
            let failure = TemporaryPaths.naming { directory.withCString { mkdir($0, 0o700) } }
            if let error = failure, error.number != EEXIST {
                throw unusable(path, "`\(directory.display)` cannot be created: \(error)")
            }
        }
        guard let resolved = path.resolved else { throw unusable(path, "it is not there") }
        try checkAll(above: resolved, for: path)
        let status = try status(resolved, for: path)
        guard status.permissions & 0o002 == 0 else {
            throw unusable(path, "others may write to it", hint: "take that right away: `chmod o-w \(path.display)`")
        }
        try checkVersion(resolved, for: path)
        return resolved
    }

    /// Whether a file can be made here.
    static func isWritable(_ path: FilePath) -> Bool { path.withCString { access($0, W_OK | X_OK) } == 0 }

    /// Makes a directory in the cache; false if that cannot be.
    static func make(_ path: FilePath) -> Bool {
        let failure = TemporaryPaths.naming { path.withCString { mkdir($0, 0o700) } }
        return failure == nil || failure?.number == EEXIST
    }

    /// A user who may write to a directory above could put another in this one's place.
    private static func checkAll(above resolved: FilePath, for path: FilePath) throws(Diagnostic) {
        var directory = resolved
        while true {
            let status = try status(directory, for: path)
            guard status.kind == .directory else { throw unusable(path, "`\(directory.display)` is not a directory") }
            // With the sticky bit, as on /tmp, users can rename only their own files.
            guard status.permissions & 0o002 == 0 || status.permissions & 0o1000 != 0 else {
                throw unusable(path, "everybody may write to `\(directory.display)`")
            }
            if directory == directory.directory { return }
            directory = directory.directory
        }
    }

    private static func status(_ directory: FilePath, for path: FilePath) throws(Diagnostic) -> FileStatus {
        do throws(SystemError) {
            let status = try FileStatus(at: directory)
            var raw = stat()
            guard directory.withCString({ lstat($0, &raw) }) == 0 else { throw .last }
            // To root all that users have is open anyway, and in containers root works in directories of theirs.
            guard raw.st_uid == geteuid() || raw.st_uid == 0 || geteuid() == 0 else {
                throw SystemError(number: EACCES)
            }
            return status
        } catch {
            guard error.number == EACCES else { throw unusable(path, "`\(directory.display)`: \(error)") }
            throw unusable(path, "`\(directory.display)` belongs to another user")
        }
    }

    /// Checks that the directory is a cache of ours, or makes an empty one into it.
    private static func checkVersion(_ resolved: FilePath, for path: FilePath) throws(Diagnostic) {
        let file = resolved.appending("version")
        do throws(SystemError) {
            let found = try OpenFile(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).readAll(limit: 64)
            if found == version { return }
            throw SystemError(number: EINVAL)
        } catch {
            guard error.number == ENOENT else {
                throw unusable(path, "it was made by another version of coracle, or is damaged")
            }
        }
        let names: [[UInt8]]
        do throws(SystemError) {
            names = try directoryEntries(of: resolved)
        } catch {
            throw unusable(path, error.description)
        }
        // Another process may be making it into a cache just now: the version comes first.
        if FilePath.exists(file) { return }
        if let other = names.first(where: { !$0.starts(with: TemporaryPaths.prefix.utf8) }) {
            throw unusable(path, "it is a directory with other things in it, such as `\(String(printing: other))`")
        }
        do throws(Diagnostic) {
            var draft = try BlobDraft(in: resolved)
            try draft.write(version)
            _ = try draft.seal().link(at: file)
        } catch {
            throw unusable(path, error.reason ?? error.summary)
        }
    }

    private static func unusable(
        _ path: FilePath,
        _ reason: String,
        hint: String = "name another directory with `--cache-dir`"
    ) -> Diagnostic {
        Diagnostic(
            .cacheUnusable,
            "`\(path.display)` cannot be used as a cache",
            at: .file(path: path.display),
            because: reason,
            hint: hint
        )
    }
}

extension FilePath {
    /// Whether something, were it a symlink to nothing, has this path.
    static func exists(_ path: FilePath) -> Bool { (try? FileStatus(at: path)) != nil }
}

extension Diagnostic.Code {
    package static let cacheUnusable = Self("cache.unusable", .localIO)
}
