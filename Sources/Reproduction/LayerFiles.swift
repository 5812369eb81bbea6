package import Archive
import ByteIO
package import Check
package import Diagnostics
package import Layers
package import OCI
import Rootfs
package import Store

/// The entries of one layer, with the digests of their contents.
package struct LayerFiles: Sendable {
    /// An entry, and what of it `TarEntry` does not say.
    package struct File: Hashable, Sendable {
        package let entry: TarEntry
        /// The digest of the content; `nil` for everything but a regular file.
        package let content: Digest?
        /// The value of `security.capability`; empty if there is none.
        package let capability: [UInt8]

        package var path: EntryPath { EntryPath(unchecked: entry.path) }
    }

    /// In the order of the tar.
    package let files: [File]
    /// As computed from the bytes.
    package let diffID: DiffID
    /// The certificates that programs trust, if the layer has them in a file of a usual size: the only content that is kept.
    let bundle: [UInt8]?

    /// Reads and verifies all of `layer`.
    ///
    /// - Throws: what `LayerScan` throws; `layer.too-many-entries`, `layer.too-much-metadata`.
    package init(
        _ layer: Descriptor,
        of provider: any ImageProvider,
        _ budget: SharedBudget
    ) async throws(Diagnostic) {
        var visitor = FilesVisitor(layer: layer, budget: budget)
        diffID = try LayerScan(layer, in: try await provider.blob(layer), &visitor).diffID
        files = visitor.files
        bundle = visitor.bundle
    }

    /// Whether a file at `path` has the certificates.
    static func isBundle(_ path: EntryPath) -> Bool { path.description.hasSuffix("/ca-certificates.crt") }
}

private struct FilesVisitor: LayerVisitor {
    let layer: Descriptor
    let budget: SharedBudget
    private(set) var files: [LayerFiles.File] = []
    private(set) var bundle: [UInt8]?

    init(layer: Descriptor, budget: SharedBudget) {
        self.layer = layer
        self.budget = budget
    }

    mutating func visit<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content
    ) throws(Diagnostic) {
        let capability = record.pax["SCHILY.xattr.security.capability"] ?? []
        try budget.take(
            entries: 1,
            metadata: record.path.count + capability.count + 64,
            of: .blob(layer.digest.description)
        )
        var digest: Digest?
        if record.kind == .regular {
            var hasher = SHA256Hasher()
            let isBundle =
                record.entry.size <= CertificateBundle.sizeLimit
                && LayerFiles.isBundle(EntryPath(unchecked: record.entry.path))
            var kept = [UInt8]()
            try withBuffer(of: 1 << 16) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
                while case let count = try content.read(into: buffer), count > 0 {
                    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                    hasher.update(bytes)
                    if isBundle { kept += bytes }
                }
            }
            if isBundle { bundle = kept }
            digest = hasher.finalize()
        }
        files.append(LayerFiles.File(entry: record.entry, content: digest, capability: capability))
    }
}
