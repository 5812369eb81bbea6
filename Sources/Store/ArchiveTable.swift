import Archive
import ByteIO
import Diagnostics
import Glibc

/// Where each file of an archived image layout stands in the tar, so that blobs are read without unpacking it.
struct ArchiveTable: Sendable {
    private let path: FilePath
    private let places: [String: (start: Int64, size: Int64)]

    /// Reads the headers of the tar at `path`; contents are skipped.
    init(reading path: FilePath) throws(Diagnostic) {
        self.path = path
        let file: OpenFile
        do throws(SystemError) {
            file = try OpenFile(path, O_RDONLY)
        } catch {
            throw error.diagnostic("read the archive", path.display)
        }
        guard try path.isTar() else {
            throw Diagnostic(
                .layoutMalformed,
                "`\(path.display)` is no image",
                at: .file(path: path.display),
                because: "it is a file, and not a tar",
                hint: "name an image layout or an archive of one; unpack what is compressed"
            )
        }
        var reader = TarReader(try SeekableSource(file, path), at: .file(path: path.display))
        var places: [String: (start: Int64, size: Int64)] = [:]
        while let record = try reader.next() {
            guard case .regular = record.kind else { continue }
            // An archive of blobs has few entries; one made to be large is refused before it fills the memory.
            guard places.count < 100_000 else {
                throw Diagnostic(
                    .layoutMalformed,
                    "`\(path.display)` has too many entries",
                    at: .file(path: path.display)
                )
            }
            places[String(printing: record.path)] = (reader.contentOffset, record.size)
        }
        self.places = places
    }

    subscript(name: String) -> FileExtent? {
        guard let place = places[name], let file = try? OpenFile(path, O_RDONLY) else { return nil }
        return FileExtent(path: path, file, start: place.start, size: place.size)
    }
}
