package import ByteIO
package import Diagnostics
import Glibc
package import OCI

/// Where the blobs of finished images are read: an image layout in a directory, one in a tar archive, or an archive as
/// Docker writes it.
package struct ImageSource: Sendable {
    /// As the user named it.
    package let path: FilePath
    private let container: Container

    /// Largest manifest, index or config that is read, in bytes: as large as registries accept.
    static let largestDocument = 4 << 20
    /// Largest `index.json`, which may list tens of thousands of images, in bytes.
    private static let largestList = 64 << 20

    private enum Container: Sendable {
        case directory
        case archive(ArchiveTable)
        case dockerArchive(DockerArchive)
    }

    /// Opens what is at `path`.
    ///
    /// - Parameter temporary: the directory into which a compressed archive is decompressed.
    /// - Throws: `layout.not-found`, `layout.malformed` if there is no image layout there; for Docker's archives, all of
    ///   whose layers are read, `archive.malformed` and `image.disagrees`.
    /// image-spec, image-layout.md.
    package init(_ path: FilePath, temporary: FilePath = "/tmp") throws(Diagnostic) {
        self.path = path
        let status: FileStatus
        do throws(SystemError) {
            status = try FileStatus(at: path, following: true)
        } catch {
            throw Diagnostic(
                .layoutNotFound,
                "there is no image at `\(path.display)`",
                at: .file(path: path.display),
                because: error.description,
                hint: "name the directory or the `.tar` file that `coracle build -o` wrote"
            )
        }
        switch status.kind {
        case .directory: container = .directory
        case .regular:
            let table = try ArchiveTable(reading: path, temporary: temporary)
            // Docker's newer archives are both, and the layout says more.
            if !table.contains("oci-layout"), table.contains("manifest.json") {
                container = .dockerArchive(try DockerArchive(table))
                return
            }
            container = .archive(table)
        default:
            throw Diagnostic(
                .layoutMalformed,
                "`\(path.display)` is not an image",
                at: .file(path: path.display),
                because: "it is neither a directory nor a file",
                hint: "name an image layout or an archive of one"
            )
        }
        try checkVersion()
    }

    /// The names and descriptors of the images here.
    package func index() throws(Diagnostic) -> Index {
        if case .dockerArchive(let archive) = container { return archive.index }
        let bytes = try readSmall("index.json", limit: Self.largestList)
        let name = path.appending("index.json").display
        return try Index(JSON(parsing: bytes, named: name), named: name)
    }

    /// A blob's bytes, in order; its size and digest are checked by the time the last has been read.
    package func open(_ blob: Descriptor) throws(Diagnostic) -> VerifiedBlob {
        let extent = try extent(of: "blobs/\(blob.digest.algorithm.rawValue)/\(blob.digest.hex)", for: blob)
        return try VerifiedBlob(blob, in: extent)
    }

    /// A blob, whose size and digest are checked when it is read.
    package func blob(_ blob: Descriptor) throws(Diagnostic) -> LocalBlob {
        LocalBlob(blob, in: try extent(of: "blobs/\(blob.digest.algorithm.rawValue)/\(blob.digest.hex)", for: blob))
    }

    /// A manifest, index or config: at most 4 MiB, with the size and digest that `blob` says.
    package func document(_ blob: Descriptor) throws(Diagnostic) -> [UInt8] {
        guard blob.size <= Self.largestDocument else {
            throw Diagnostic(
                .blobTooLarge,
                "a document is too large",
                at: .blob(blob.digest.description),
                because: "\(blob.size) bytes; at most 4 MiB are read",
                hint: "the image is not one that a registry would take"
            )
        }
        var reader = try open(blob)
        var bytes = [UInt8]()
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try reader.read(into: &buffer)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Refuses a layout whose directories of blobs are elsewhere: what is copied of it would be without them.
    ///
    /// - Throws: `layout.malformed`.
    package func checkDirectories() throws(Diagnostic) {
        guard case .directory = container else { return }
        for name in ["blobs", "blobs/sha256"] {
            guard let status = try? FileStatus(at: path.appending(name)), status.kind != .directory else { continue }
            throw malformed("its `\(name)` is \(status.kind == .symlink ? "a symlink" : "not a directory")")
        }
    }

    private func checkVersion() throws(Diagnostic) {
        let bytes = try readSmall("oci-layout", limit: 4 << 10)
        let json = try JSON(parsing: bytes, named: "oci-layout")
        guard case .object(let members) = json, case .string(let version)? = members["imageLayoutVersion"] else {
            throw malformed("its `oci-layout` names no `imageLayoutVersion`")
        }
        // Only a new first number may change what we rely on.
        guard version.hasPrefix("1.") else { throw malformed("its layout version is `\(version)`, and we read 1.x") }
    }

    private func malformed(_ reason: String) -> Diagnostic {
        Diagnostic(
            .layoutMalformed,
            "`\(path.display)` is not an image layout",
            at: .file(path: path.display),
            because: reason,
            hint: "name the directory or the `.tar` file that `coracle build -o` wrote"
        )
    }

    private func readSmall(_ name: String, limit: Int) throws(Diagnostic) -> [UInt8] {
        let extent = try extent(of: name, for: nil)
        guard extent.size <= Int64(limit) else { throw malformed("its `\(name)` has \(extent.size) bytes") }
        return try extent.readAll()
    }

    private func extent(of name: String, for blob: Descriptor?) throws(Diagnostic) -> FileExtent {
        switch container {
        case .archive(let table):
            guard table.isFile(name) else { throw missing(name, blob, because: "the archive has no such entry") }
            return try table.extent(of: name)
        case .dockerArchive(let archive):
            guard let digest = blob?.digest, let extent = try archive.extent(of: digest) else {
                throw missing(name, blob, because: "the archive has no such layer or config")
            }
            return extent
        case .directory:
            let file = path.appending(name)
            do throws(SystemError) {
                return try FileExtent(opening: file)
            } catch {
                switch error.number {
                case ENOENT, ENOTDIR: throw missing(name, blob, because: "the file is not there")
                case ELOOP: throw missing(name, blob, because: "it is not a regular file")
                default: throw error.diagnostic("read the image", file.display)
                }
            }
        }
    }

    private func missing(_ name: String, _ blob: Descriptor?, because reason: String) -> Diagnostic {
        guard let blob else { return malformed("`\(name)`: \(reason)") }
        if blob.isKeptElsewhere, let url = blob.urls?.first {
            return Diagnostic(
                .blobMissing,
                "a layer is not distributed with its image: \(blob.digest)",
                at: .file(path: path.appending(name).display),
                because: "its media type is `\(blob.mediaType.rawValue)`, and its maker has it at `\(url.excerpt)`",
                hint: "`copy` and `push` take the image along without it; to look into it, put the layer there"
            )
        }
        return Diagnostic(
            .blobMissing,
            "a blob is missing: \(blob.digest)",
            at: .file(path: path.appending(name).display),
            because: reason,
            hint: "build or copy the image again"
        )
    }
}

extension Diagnostic.Code {
    package static let layoutNotFound = Self("layout.not-found", .notFound)
    package static let layoutMalformed = Self("layout.malformed", .verification)
    package static let blobMissing = Self("blob.missing", .verification)
    package static let blobTooLarge = Self("blob.too-large", .verification)
}
