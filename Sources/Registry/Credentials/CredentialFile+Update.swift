import ByteIO
import Diagnostics
import Glibc
import OCI

extension CredentialFile {
    /// Changes the file in one step, and creates it if it is absent. Returns the result of `change`: whether anything changed.
    ///
    /// Other members keep their values and their order. Only its owner can read the file afterwards. A symlink stays, and its
    /// target is replaced.
    @discardableResult
    static func update(
        _ place: CredentialPlace,
        _ change: (inout CredentialFile) throws(Diagnostic) -> Bool
    ) throws(Diagnostic) -> Bool {
        let target = try target(of: place)
        // Two logins at the same time are both stored.
        let lock = try lock(target.directory)
        var file = try CredentialFile(reading: place) ?? CredentialFile(new: place)
        let isChanged = try change(&file)
        if isChanged { try file.write(to: target) }
        _ = consume lock
        return isChanged
    }

    /// The file to replace.
    private static func target(of place: CredentialPlace) throws(Diagnostic) -> FilePath {
        if let resolved = place.path.resolved { return resolved }
        guard (try? FileStatus(at: place.path))?.kind == .symlink else { return place.path }
        throw Diagnostic(
            .io,
            "cannot write `\(place.shown)`",
            at: .file(path: place.path.display),
            because: "it is a symlink that leads nowhere"
        )
    }

    /// The directory, created if it is absent, and locked as long as it is open.
    private static func lock(_ directory: FilePath) throws(Diagnostic) -> OpenFile {
        do throws(SystemError) {
            try makeDirectories(directory)
            let file = try OpenFile(directory, O_RDONLY | O_DIRECTORY)
            let descriptor = file.descriptor
            _ = try retrying { flock(descriptor, LOCK_EX) }
            return file
        } catch {
            throw error.diagnostic("use the directory", directory.display)
        }
    }

    private static func makeDirectories(_ path: FilePath) throws(SystemError) {
        if path.withCString({ mkdir($0, 0o700) }) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path.directory != path else { throw .last }
        try makeDirectories(path.directory)
        if path.withCString({ mkdir($0, 0o700) }) != 0, errno != EEXIST { throw .last }
    }

    /// The secret is never in a file that others can read, not even for a moment. A draft has a public mode, so it is not used.
    private func write(to target: FilePath) throws(Diagnostic) {
        let temporary = TemporaryPaths.name(in: target.directory, for: "login")
        TemporaryPaths.insert(temporary)
        defer {
            _ = temporary.withCString { unlink($0) }
            TemporaryPaths.remove(temporary)
        }
        do throws(SystemError) {
            let file = try OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            try file.write(JSON.object(members).encoded(pretty: true))
            try file.synchronize()
            let failure = TemporaryPaths.naming {
                temporary.withCString { temporary in target.withCString { rename(temporary, $0) } }
            }
            if let failure { throw failure }
        } catch {
            throw error.diagnostic("write", target.display)
        }
    }
}
