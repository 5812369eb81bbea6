import ByteIO
import Diagnostics
import Glibc
import Synchronization
import Terminal

/// The archive that `-o -` writes to standard output.
///
/// An image is whole before its first byte is written: the archive is made in a directory of its own first.
enum StandardOutputArchive {
    private struct Place {
        let directory: FilePath
        let archive: FilePath
    }

    private static let place = Mutex<Place?>(nil)

    /// Where the archive is made, always the same in one process.
    ///
    /// - Throws: `io.failed`; `usage.malformed` if standard output is a terminal.
    static func path() throws(Diagnostic) -> FilePath {
        if let known = place.withLock({ $0 }) { return known.archive }
        guard isatty(STDOUT_FILENO) == 0 else {
            throw Diagnostic(
                .usageMalformed,
                "`--output -` writes an archive to a terminal",
                at: .option("--output"),
                hint: "redirect it, as in `coracle build … -o - | podman load`"
            )
        }
        let parent = FilePath(ProcessEnvironment["TMPDIR"] ?? "/tmp")
        let directory = TemporaryPaths.name(in: parent, for: "archive")
        TemporaryPaths.insert(directory)
        if let failure = TemporaryPaths.naming({ directory.withCString { mkdir($0, 0o700) } }) {
            TemporaryPaths.remove(directory)
            throw failure.diagnostic("make a temporary directory", parent.display)
        }
        let archive = directory.appending("image.tar")
        place.withLock { $0 = Place(directory: directory, archive: archive) }
        return archive
    }

    /// Writes the archive, and deletes it.
    static func deliver() throws {
        guard let place = place.withLock({ $0 }) else { return }
        defer { delete(place) }
        let file = try OpenFile(place.archive, O_RDONLY)
        let size = try file.status().size
        var offset: Int64 = 0
        while offset < size {
            let bytes = try file.bytes(at: offset, count: Int(min(size - offset, 1 << 20)))
            guard !bytes.isEmpty else { break }
            try Console.output(bytes: bytes)
            offset += Int64(bytes.count)
        }
    }

    /// Deletes the archive of a build that failed.
    static func discard() {
        if let place = place.withLock({ $0 }) { delete(place) }
    }

    private static func delete(_ place: Place) {
        deleteTree(place.directory)
        TemporaryPaths.remove(place.directory)
    }
}
