package import Diagnostics
package import OCI
import Store

/// A base that is whole: its documents in memory, its layers in files.
package struct AssembledBase: Sendable {
    /// Of one platform.
    package struct Image: Sendable {
        package let platform: Platform
        package let manifest: Document<Manifest>
        package let config: Document<ImageConfig>
        package let layers: [WrittenLayer]
        /// In the order of their layers.
        package let packages: [BaseLock.Package]
        /// The scripts that Debian would run when it installs a package, none of which is run, by packages.
        package let scripts: [String: [String]]
        /// Files that lost a setuid or setgid bit.
        package let stripped: [String]

        /// Of all layers as they are stored, in bytes.
        package var size: Int64 { layers.reduce(0) { $0 + $1.descriptor.size } }

        /// Of all layers as they are unpacked, in bytes.
        package var uncompressedSize: Int64 { layers.reduce(0) { $0 + $1.uncompressedSize } }
    }

    /// What it is put together from.
    struct Parts {
        var images: [Image] = []
        var blobs: [Digest: LocalBlob] = [:]
    }

    package let name: String
    /// Names the manifest, or the index of several.
    package let top: Descriptor
    package let images: [Image]
    private let documents: [Digest: [UInt8]]
    private let blobs: [Digest: LocalBlob]

    init(name: String, _ parts: Parts) {
        precondition(!parts.images.isEmpty, "a base has an image")
        var documents: [Digest: [UInt8]] = [:]
        var entries = [Descriptor]()
        for image in parts.images {
            documents[image.config.descriptor.digest] = image.config.bytes
            documents[image.manifest.descriptor.digest] = image.manifest.bytes
            var entry = image.manifest.descriptor
            entry.platform = image.platform
            entries.append(entry)
        }
        if entries.count == 1 {
            top = entries[0]
        } else {
            let index = Document(encoding: Index(manifests: entries), as: .imageIndex)
            documents[index.descriptor.digest] = index.bytes
            top = index.descriptor
        }
        self.name = name
        images = parts.images
        blobs = parts.blobs
        self.documents = documents
    }

    func document(_ blob: Descriptor) throws(Diagnostic) -> [UInt8] {
        if let bytes = documents[blob.digest] { return bytes }
        throw absent(blob)
    }

    /// - Throws: `base.blob-absent`, for what is none of its layers and documents.
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
