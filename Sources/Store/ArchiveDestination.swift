package import ByteIO
package import Diagnostics
import Glibc

/// One tar file that is an archived image layout and, by its `manifest.json`, what `docker load` and `podman load` read.
///
/// The file appears, or replaces the one that was there, in one step when it is whole.
package struct ArchiveDestination: Sendable {
    package let path: FilePath

    /// - Throws: `output.exists` if something else than a tar or an empty file is there: it would be lost.
    package init(_ path: FilePath) throws(Diagnostic) {
        self.path = try path.behindSymlink()
        guard let status = try? FileStatus(at: path, following: true) else { return }
        let reason: String
        switch status.kind {
        case .directory: reason = "it is a directory, and an archive is a file"
        case .regular:
            if status.size == 0 { return }
            if try path.isTar() { return }
            reason = "it is a file of another kind, and would be replaced"
        default: reason = "it is not a regular file"
        }
        throw Diagnostic(
            .outputExists,
            "`\(path.display)` is in the way",
            at: .file(path: path.display),
            because: reason,
            hint: "choose another name; for an image layout with `-o`, one that does not end in `.tar`"
        )
    }

    /// Where drafts of blobs are to be written.
    package var draftDirectory: FilePath { path.directory }

    /// Writes the archive, with remote blobs that are fetched for it.
    package func publish(_ images: ImageSet) async throws(Diagnostic) {
        try ArchiveStream(images, try await images.fetchRemote(images.remoteDigests)).write(to: path)
    }
}
