import ByteIO
package import Diagnostics
import Glibc

/// New bytes for a file, which takes their place in one step: mode and owner stay, and a symlink to it does, too.
package struct FileRewrite {
    package let file: PinnedFile
    private let bytes: [UInt8]

    package init(_ file: PinnedFile, replacing digests: [Range<Int>: String]) {
        self.file = file
        bytes = file.bytes(replacing: digests)
    }

    /// - Throws: `pins.read-only`, before anything is written.
    package func check() throws(Diagnostic) {
        // Root may write every file: the mode says what the owner of the file wants.
        let isProtected = file.status.permissions & 0o222 == 0
        let isWritable = file.target.withCString { access($0, W_OK) } == 0
        guard !isProtected, isWritable else {
            throw Self.refusal(
                file,
                "the file is read-only",
                hint: "make it writable: `chmod u+w \(file.path.display)`"
            )
        }
        guard file.target.directory.withCString({ access($0, W_OK | X_OK) }) == 0 else {
            throw Self.refusal(
                file,
                "its directory cannot be written to, and a file is replaced in one step",
                hint: "check the mode of `\(file.target.directory.display)`"
            )
        }
    }

    /// - Throws: `pins.changed` if another program has written the file since it was read; `io.failed`.
    package func write() throws(Diagnostic) {
        var draft = try BlobDraft(in: file.target.directory)
        try draft.write(bytes)
        let sealed = draft.seal()
        try keepOwner(of: try sealed.duplicate())
        try sealed.synchronize()
        guard (try? FileStatus(at: file.target))?.stamp == file.status.stamp else {
            throw Diagnostic(
                .pinsChanged,
                "`\(file.path.display)` was changed while its names were looked up",
                at: .file(path: file.path.display),
                because: "another program has written it since",
                hint: "nothing of it was lost: run the command again"
            )
        }
        try sealed.replace(file.target)
    }

    private func keepOwner(of copy: consuming OpenFile) throws(Diagnostic) {
        var status = stat()
        let descriptor = copy.descriptor
        guard file.target.withCString({ stat($0, &status) }) == 0 else { return }
        // Only root can give a file away; for others it is theirs already, or becomes theirs.
        _ = fchown(descriptor, status.st_uid, status.st_gid)
        guard fchmod(descriptor, mode_t(file.status.permissions)) == 0 else {
            throw SystemError.last.diagnostic("write", file.path.display)
        }
    }

    private static func refusal(_ file: PinnedFile, _ reason: String, hint: String) -> Diagnostic {
        Diagnostic(
            .pinsReadOnly,
            "`\(file.path.display)` cannot be updated",
            at: .file(path: file.path.display),
            because: reason,
            hint: hint
        )
    }
}

extension Diagnostic.Code {
    static let pinsReadOnly = Self("pins.read-only", .localIO)
    static let pinsChanged = Self("pins.changed", .localIO)
}
