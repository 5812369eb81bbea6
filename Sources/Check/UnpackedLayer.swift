import Archive
package import ByteIO
package import Diagnostics
package import Layers
package import OCI
package import Store

/// A layer whose files can be read by range: they are in one file without a name, which is gone with the last reference.
package struct UnpackedLayer: Sendable {
    package let diffID: DiffID
    private let contents: SealedDraft

    /// Reads and verifies all of `layer`, and writes its files into `directory`: as much is needed there as they have.
    /// Its entries are applied to `filesystem`, with the offset of their content among the contents as the locator.
    ///
    /// - Throws: what `LayerScan` and `RootFilesystem.apply` throw; `io.failed`.
    package init(
        _ layer: Descriptor,
        in blob: LocalBlob,
        drafts directory: FilePath,
        applyingTo filesystem: inout RootFilesystem
    ) throws(Diagnostic) {
        try filesystem.beginLayer(.blob(layer.digest.description))
        var visitor = UnpackingVisitor(filesystem: filesystem, draft: try BlobDraft(in: directory))
        // The visitor changes it in place, which needs the only reference.
        filesystem = RootFilesystem()
        let scan = try LayerScan(layer, in: blob, &visitor)
        diffID = scan.diffID
        filesystem = visitor.filesystem
        contents = visitor.seal()
    }

    /// The `count` bytes at `offset` of the content of `file`, which is this layer's; fewer at its end.
    package func bytes(of file: RootFilesystem.File, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        try bytes(from: file.locator, size: file.contentSize, at: offset, count: count)
    }

    /// The same of a content that no container sees.
    package func bytes(of file: DiscardedFile, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        try bytes(from: file.locator, size: file.size, at: offset, count: count)
    }

    private func bytes(from place: Int64, size: Int64, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        return try contents.bytes(at: place + offset, count: Int(min(Int64(count), size - offset)))
    }
}

/// Writes the contents of a layer's files one after the other.
private struct UnpackingVisitor: LayerVisitor, ~Copyable {
    private(set) var filesystem: RootFilesystem
    private var draft: BlobDraft
    private var size: Int64 = 0

    init(filesystem: RootFilesystem, draft: consuming BlobDraft) {
        self.filesystem = filesystem
        self.draft = draft
    }

    mutating func visit<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content
    ) throws(Diagnostic) {
        try filesystem.apply(record.entry, locator: size)
        guard record.size > 0 else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try content.read(into: buffer)
            if count == 0 { return }
            try draft.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            size += Int64(count)
        }
    }

    consuming func seal() -> SealedDraft { draft.seal() }
}
