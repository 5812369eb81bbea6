package import Diagnostics
package import OCI
import Store

/// An assembled base: its documents in memory, its layers in files.
package struct AssembledBase: Sendable {
    /// The image of one platform.
    package struct Image: Sendable {
        package let documents: ImageDocuments.Image
        package let layers: [WrittenLayer]
        /// The packages in the order of their layers.
        package let packages: [BaseLock.Package]
        /// The scripts that Debian would run when it installs a package, by packages. None of them is run.
        package let scripts: [String: [String]]
        /// Files that lost a setuid or setgid bit.
        package let stripped: [String]

        package var platform: Platform { documents.platform }
        package var manifest: Document<Manifest> { documents.manifest }
        package var config: Document<ImageConfig> { documents.config }

        /// Size of all layers as they are stored, in bytes.
        package var size: Int64 { layers.map(\.descriptor).totalSize }

        /// Size of all layers when unpacked, in bytes.
        package var uncompressedSize: Int64 { layers.reduce(0) { $0.addingClamped($1.uncompressedSize) } }
    }

    /// Its layers and documents.
    struct Parts {
        var images: [Image] = []
        var blobs: [Digest: LocalBlob] = [:]
    }

    package let name: String
    /// The descriptor of the manifest, or of the index of several.
    package let top: Descriptor
    package let images: [Image]
    private let documents: [Digest: [UInt8]]
    private let blobs: [Digest: LocalBlob]

    init(name: String, _ parts: Parts) {
        let all = ImageDocuments(parts.images.map(\.documents))
        self.name = name
        top = all.top
        images = parts.images
        blobs = parts.blobs
        documents = Dictionary(all.encoded.map { ($0.descriptor.digest, $0.bytes) }) { first, _ in first }
    }

    func document(_ blob: Descriptor) throws(Diagnostic) -> [UInt8] {
        if let bytes = documents[blob.digest] { return bytes }
        throw absent(blob)
    }

    /// - Throws: `base.blob-absent` for a blob that is not one of its layers and documents.
    func blob(_ blob: Descriptor) throws(Diagnostic) -> LocalBlob {
        if let blob = blobs[blob.digest] { return blob }
        throw absent(blob)
    }

    private func absent(_ blob: Descriptor) -> Diagnostic {
        Diagnostic(.baseBlobAbsent, "`\(name)` has no such blob", at: .blob(blob.digest.description))
    }
}

extension Diagnostic.Code {
    package static let baseBlobAbsent = Self("base.blob-absent", .bug)
}
