import Archive
package import ByteIO
package import Diagnostics
import Glibc
import OCI

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
        try publish(images, try await images.fetchRemote(images.remoteDigests))
    }

    private func publish(_ images: ImageSet, _ fetched: [Digest: LocalBlob]) throws(Diagnostic) {
        var draft = try BlobDraft(in: path.directory)
        let index = Document(encoding: Index(manifests: images.entries + images.taggedEntries), as: .imageIndex)
        let listing = Array(Self.manifestJSON(of: images).encoded())

        // Loaders that read from a pipe want the documents first.
        try draft.append(Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8), as: "oci-layout")
        try draft.append(index.bytes, as: "index.json")
        try draft.append(listing, as: "manifest.json")
        try draft.append(directory: "blobs/")
        try draft.append(directory: "blobs/sha256/")
        for blob in images.blobs.sorted(by: { $0.descriptor.digest.hex < $1.descriptor.digest.hex }) {
            let name = Self.blobName(blob.descriptor)
            switch blob.content {
            case .bytes(let bytes): try draft.append(bytes, as: name)
            case .draft(let blob): try draft.append(blob, as: name)
            case .remote:
                guard let blob = fetched[blob.descriptor.digest] else {
                    preconditionFailure("all remote blobs were fetched before")
                }
                try draft.append(blob, as: name)
            }
        }
        try draft.write([UInt8](repeating: 0, count: 2 * TarHeader.blockSize))

        let sealed = draft.seal()
        try sealed.synchronize()
        try sealed.replace(path)
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

extension BlobDraft {
    fileprivate mutating func append(_ bytes: [UInt8], as name: String) throws(Diagnostic) {
        try append(header: TarHeader(.regular, name: Array(name.utf8), size: Int64(bytes.count), mode: 0o644))
        try write(bytes)
        try pad(bytes.count)
    }

    fileprivate mutating func append(_ blob: SealedDraft, as name: String) throws(Diagnostic) {
        try append(header: TarHeader(.regular, name: Array(name.utf8), size: blob.size, mode: 0o644))
        try blob.copy(to: &self)
        try pad(Int(blob.size % 512))
    }

    fileprivate mutating func append(_ blob: LocalBlob, as name: String) throws(Diagnostic) {
        let size = blob.descriptor.size
        try append(header: TarHeader(.regular, name: Array(name.utf8), size: size, mode: 0o644))
        try blob.copy(to: &self)
        try pad(Int(size % 512))
    }

    fileprivate mutating func append(directory name: String) throws(Diagnostic) {
        try append(header: TarHeader(.directory, name: Array(name.utf8), mode: 0o755))
    }

    private mutating func append(header: TarHeader) throws(Diagnostic) { try write(header.encoded()) }

    private mutating func pad(_ size: Int) throws(Diagnostic) {
        try write([UInt8](repeating: 0, count: TarHeader.padded(size) - size))
    }
}
