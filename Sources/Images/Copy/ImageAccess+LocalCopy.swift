package import ByteIO
import Diagnostics
package import OCI
import Store

extension ImageAccess {
    /// Calls `body` with the path of the image at `location`, and with its name there if the location has one. An image that
    /// is not on this machine is copied into a temporary directory, which is deleted afterwards.
    ///
    /// - Parameter platform: the one to fetch; `nil` for all.
    /// - Throws: what `body` throws; `temporary.no-directory`; what the copy throws.
    package func withLocalCopy<Result>(
        of location: ImageLocation,
        for platform: Platform?,
        _ body: (FilePath, _ name: String?) throws -> Result
    ) async throws -> Result {
        switch location {
        case .layout(let path, let name), .archive(let path, let name), .dockerArchive(let path, let name):
            return try body(path, name)
        case .registry, .catalogue: break
        }
        let directory = settings.temporaryDirectory
        guard (try? FileStatus(at: directory, following: true))?.kind == .directory else {
            throw Diagnostic(
                .temporaryNoDirectory,
                "there is no directory `\(directory.display)` for temporary files",
                at: .option("TMPDIR"),
                hint: "set `TMPDIR` to an existing directory"
            )
        }
        let layout = try TemporaryLayout(in: directory)
        defer { withExtendedLifetime(layout) {} }
        var copy = ImageCopy(from: location, to: .layout(layout.path, name: nil))
        copy.platform = platform
        _ = try await copy.run(self)
        return try body(layout.path, nil)
    }
}

extension Diagnostic.Code {
    static let temporaryNoDirectory = Self("temporary.no-directory", .localIO)
}
