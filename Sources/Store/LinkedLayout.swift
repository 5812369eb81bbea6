package import ByteIO
package import Diagnostics
import Glibc
import OCI

/// A layout of one image in a directory for temporary files, whose layers are links to the files that they are in already.
///
/// It is for programs that read a layout faster than an archive, and compare every blob with its digest.
package final class LinkedLayout: Sendable {
    package var path: FilePath { place.path }
    private let place: TemporaryLayout

    /// `nil` if a layer is not a file by itself: one in an archive, or one that was just written and has no name yet.
    ///
    /// - Parameter name: what the image is called in the layout.
    /// - Throws: `io.failed`; what brings the blobs here throws.
    package init?(of images: ImageSet, called name: String, in directory: FilePath) async throws(Diagnostic) {
        let fetched = try await images.fetchRemote(images.remoteDigests, isVerifying: false)
        var files: [(name: String, content: Content)] = []
        for blob in images.blobs {
            let digest = blob.descriptor.digest
            switch blob.content {
            case .bytes(let bytes): files.append((digest.hex, .bytes(bytes)))
            case .draft: return nil
            case .remote:
                guard let file = fetched[digest]?.file else { return nil }
                files.append((digest.hex, .link(file)))
            }
        }
        var top = images.top
        top.annotations = [AnnotationKey.refName: name]
        let index = Document(encoding: Index(manifests: [top]), as: .imageIndex)
        place = try TemporaryLayout(in: directory)
        let path = place.path
        let blobs = path.appending("blobs/sha256")
        for directory in [path, blobs.directory, blobs] {
            guard directory.withCString({ mkdir($0, 0o700) }) == 0 else {
                throw SystemError.last.diagnostic("create", directory.display)
            }
        }
        try Content.bytes(index.bytes).put(at: path.appending("index.json"))
        try Content.bytes(Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)).put(at: path.appending("oci-layout"))
        for file in files { try file.content.put(at: blobs.appending(file.name)) }
    }

    private enum Content {
        case bytes([UInt8])
        case link(FilePath)

        func put(at path: FilePath) throws(Diagnostic) {
            switch self {
            case .bytes(let bytes): try [bytes].write(to: path)
            case .link(let target):
                guard target.withCString({ target in path.withCString { symlink(target, $0) } }) == 0 else {
                    throw SystemError.last.diagnostic("create", path.display)
                }
            }
        }
    }
}
