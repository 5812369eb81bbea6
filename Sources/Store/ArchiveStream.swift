import Archive
package import ByteIO
package import Diagnostics
import OCI
import Synchronization

/// An archive of images as it is written: the place of every byte is known before the first is read.
package struct ArchiveStream: Sendable {
    /// What an archive has besides the blobs.
    package struct Form: Hashable, Sendable {
        /// Whether it lists its images as Docker's own archives do.
        package var hasListing = true
        /// Names with the images' digest, such as `docker.io/library/server@sha256:…`: containerd finds an image by such a
        /// name only if it was imported under it. Other loaders take them for more images.
        package var hasDigestNames = false

        /// What all loaders read.
        package static let everyLoader = Form()
        /// What containerd imports.
        package static let containerd = Form(hasListing: false, hasDigestNames: true)
    }

    /// A stretch of the archive.
    fileprivate enum Piece: Sendable {
        case bytes([UInt8])
        case draft(SealedDraft)
        case blob(LocalBlob)

        var size: Int64 {
            switch self {
            case .bytes(let bytes): Int64(bytes.count)
            case .draft(let draft): draft.size
            case .blob(let blob): blob.descriptor.size
            }
        }
    }

    fileprivate private(set) var pieces: [Piece] = []
    /// Size of the whole archive, in bytes.
    package var size: Int64 { pieces.reduce(0) { $0.addingClamped($1.size) } }

    /// Brings what is elsewhere to this machine. The bytes of all blobs are verified while they are read from the stream.
    ///
    /// - Parameter isVerifying: whether they are verified before as well, so that no byte comes of a corrupt image.
    package init(
        _ images: ImageSet,
        _ form: Form = .everyLoader,
        isVerifying: Bool = false
    ) async throws(Diagnostic) {
        self.init(images, try await images.fetchRemote(images.remoteDigests, isVerifying: isVerifying), form)
    }

    /// - Parameter fetched: all blobs that are elsewhere.
    init(_ images: ImageSet, _ fetched: [Digest: LocalBlob], _ form: Form = .everyLoader) {
        var entries = images.entries + images.taggedEntries
        if form.hasDigestNames { entries += images.digestEntries }
        let index = Document(encoding: Index(manifests: entries), as: .imageIndex)

        // Loaders that read from a pipe want the documents first.
        add(.bytes(Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)), as: "oci-layout")
        add(.bytes(index.bytes), as: "index.json")
        if form.hasListing { add(.bytes(Array(Self.manifestJSON(of: images).encoded())), as: "manifest.json") }
        for directory in ["blobs/", "blobs/sha256/"] {
            let header = TarHeader(.directory, name: Array(directory.utf8), mode: 0o755)
            pieces.append(.bytes(header.encoded()))
        }
        for blob in images.blobs.sorted(by: { $0.descriptor.digest.hex < $1.descriptor.digest.hex }) {
            let name = Self.blobName(blob.descriptor)
            switch blob.content {
            case .bytes(let bytes): add(.bytes(bytes), as: name)
            case .draft(let draft): add(.draft(draft), as: name)
            case .remote:
                guard let blob = fetched[blob.descriptor.digest] else {
                    preconditionFailure("all remote blobs were fetched before")
                }
                add(.blob(blob), as: name)
            }
        }
        pieces.append(.bytes([UInt8](repeating: 0, count: 2 * TarHeader.blockSize)))
    }

    /// Writes the whole archive.
    ///
    /// - Throws: `blob.size`, `blob.digest`; what the sink throws.
    package func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(Diagnostic) {
        for piece in pieces {
            switch piece {
            case .bytes(let bytes): try sink.write(bytes)
            case .draft(let draft): try draft.copy(to: &sink)
            case .blob(let blob): try blob.copy(to: &sink)
            }
        }
    }

    /// Puts the archive at `path`, where it appears whole.
    package func write(to path: FilePath) throws(Diagnostic) {
        var draft = try BlobDraft(in: path.directory)
        try write(to: &draft)
        let sealed = draft.seal()
        try sealed.synchronize()
        try sealed.replace(path)
    }

    private mutating func add(_ content: Piece, as name: String) {
        let header = TarHeader(.regular, name: Array(name.utf8), size: content.size, mode: 0o644)
        let padding = Int((512 - content.size % 512) % 512)
        pieces += [.bytes(header.encoded()), content]
        if padding > 0 { pieces.append(.bytes([UInt8](repeating: 0, count: padding))) }
    }

    private static func blobName(_ blob: Descriptor) -> String { "blobs/sha256/\(blob.digest.hex)" }

    /// What Docker's own archives have instead of an index. Its tags can point to one image only: the first listed.
    private static func manifestJSON(of images: ImageSet) -> JSON {
        .array(
            manifestJSON(of: images.listings, images.names)
                + (images.companion.map { manifestJSON(of: $0.listings, $0.names) } ?? [])
        )
    }

    private static func manifestJSON(of listings: [ImageSet.Listing], _ names: [Reference]) -> [JSON] {
        listings.enumerated().map { position, image in
            var members = JSONObject()
            members["Config"] = .string(blobName(image.config))
            members["RepoTags"] =
                position == 0 && !names.isEmpty ? .array(names.map { .string($0.familiar) }) : .null
            members["Layers"] = .array(image.layers.map { .string(blobName($0)) })
            return .object(members)
        }
    }
}

/// Hands out the bytes of an archive in order.
package final class ArchiveReader: Sendable {
    private struct State: ~Copyable {
        /// The piece that comes next, or is being read.
        var piece = 0
        /// How much of it has been read.
        var offset: Int64 = 0
        /// The piece that is being read, if it is a blob.
        var blob: VerifiedBlob?
        /// How much of the archive has been read.
        var position: Int64 = 0
    }

    private let stream: ArchiveStream
    private let state = Mutex(State())
    /// Size of the whole archive, in bytes.
    package let size: Int64

    package init(_ stream: ArchiveStream) {
        self.stream = stream
        size = stream.size
    }

    /// How much has been read, in bytes.
    package var position: Int64 { state.withLock { $0.position } }

    /// Begins again.
    package func rewind() { state.withLock { $0 = State() } }

    /// The next `count` bytes; fewer at the end only.
    ///
    /// - Throws: `blob.size`, `blob.digest` before the last bytes of a blob that is not what its descriptor says.
    package func read(_ count: Int) throws(Diagnostic) -> [UInt8] {
        try state.withLock { state throws(Diagnostic) in
            var bytes = [UInt8](repeating: 0, count: Int(min(Int64(count), size - state.position)))
            var filled = 0
            while filled < bytes.count, state.piece < stream.pieces.count {
                let piece = stream.pieces[state.piece]
                let wanted = Int(min(Int64(bytes.count - filled), piece.size - state.offset))
                var given = wanted
                switch piece {
                case _ where wanted == 0: break
                case .bytes(let content):
                    let start = Int(state.offset)
                    bytes.replaceSubrange(filled..<(filled + wanted), with: content[start..<(start + wanted)])
                case .draft(let draft):
                    let content = try draft.bytes(at: state.offset, count: wanted)
                    bytes.replaceSubrange(filled..<(filled + wanted), with: content)
                case .blob(let blob):
                    given = try Self.read(blob, &state, into: &bytes, filled..<(filled + wanted))
                }
                filled += given
                state.offset += Int64(given)
                if state.offset == piece.size {
                    state.piece += 1
                    state.offset = 0
                    state.blob = nil
                }
            }
            state.position += Int64(filled)
            return bytes
        }
    }

    private static func read(
        _ blob: LocalBlob,
        _ state: inout State,
        into bytes: inout [UInt8],
        _ range: Range<Int>
    ) throws(Diagnostic) -> Int {
        if state.blob == nil { state.blob = try blob.open() }
        let count = try bytes.withUnsafeMutableBufferPointer { bytes throws(Diagnostic) in
            let buffer = UnsafeMutableRawBufferPointer(bytes)
            return try state.blob?.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[range])) ?? 0
        }
        guard count > 0 else {
            throw Diagnostic(
                .blobSize,
                "a blob has the wrong size",
                at: .blob(blob.descriptor.digest.description),
                because: "its file became shorter while it was read",
                hint: "build or copy the image again"
            )
        }
        return count
    }
}

/// Takes images that are finished.
package protocol ImageReceiver: Sendable {
    /// Puts `images` where the receiver keeps them.
    func receive(_ images: ImageSet) async throws(Diagnostic)
}
