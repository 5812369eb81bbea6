package import Archive
package import ByteIO
package import Diagnostics
import Layers
package import OCI
package import Store

/// A layer whose files can be read by range: they are in one file without a name, which is gone with the last reference.
package struct UnpackedLayer: Sendable {
    package struct Record: TarEntryRecord {
        package let entry: TarEntry
        /// Offset of the content among the contents, in bytes.
        let contentOffset: Int64
        /// The layer's number, counted from 0.
        package let layer: Int
    }

    package let diffID: DiffID
    /// In the order of the tar.
    package let records: [Record]
    private let contents: SealedDraft

    /// Reads and verifies all of `layer`, and writes its files into `directory`: as much is needed there as they have.
    ///
    /// - Throws: `layer.too-many-entries`; what `LayerScan` throws; `io.failed`.
    package init(
        _ layer: Descriptor,
        number: Int,
        in blob: LocalBlob,
        drafts directory: FilePath
    ) throws(Diagnostic) {
        var visitor = UnpackingVisitor(layer: layer, number: number, draft: try BlobDraft(in: directory))
        let scan = try LayerScan(layer, in: blob, &visitor)
        diffID = scan.diffID
        records = visitor.records
        contents = visitor.seal()
    }

    /// The `count` bytes at `offset` of the content of `record`; fewer at its end.
    package func bytes(of record: Record, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        guard offset >= 0, offset < record.size, count > 0 else { return [] }
        return try contents.bytes(
            at: record.contentOffset + offset,
            count: Int(min(Int64(count), record.size - offset))
        )
    }
}

/// Writes the contents of a layer's files one after the other.
private struct UnpackingVisitor: LayerVisitor, ~Copyable {
    private let layer: Descriptor
    private let number: Int
    private var draft: BlobDraft
    private var size: Int64 = 0
    private(set) var records: [UnpackedLayer.Record] = []

    init(layer: Descriptor, number: Int, draft: consuming BlobDraft) {
        self.layer = layer
        self.number = number
        self.draft = draft
    }

    mutating func visit<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content
    ) throws(Diagnostic) {
        guard records.count < LayerTable.mostEntries else {
            throw .layerTooManyEntries(layer, limit: LayerTable.mostEntries)
        }
        records.append(UnpackedLayer.Record(entry: record.entry, contentOffset: size, layer: number))
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
