package import Archive
package import ByteIO
package import Diagnostics
package import ELF
import Layers
package import OCI
package import Store

/// What one layer has in it: every entry without its content, the content of the small files that a planner reads, and what
/// ELF files and scripts need.
package struct LayerTable: Sendable {
    package struct Record: TarEntryRecord, Hashable {
        /// Without a time, which is not needed of a base's files.
        package let entry: TarEntry
        /// `nil` if the content was not read.
        package let content: [UInt8]?
        /// What the file says of how it runs, if it is an ELF file or a script.
        package let facts: FileFacts?

        package init(_ entry: TarEntry, content: [UInt8]? = nil, facts: FileFacts? = nil) {
            self.entry = entry.withoutTime
            self.content = content
            self.facts = facts
        }
    }

    /// The digest of the layer's tar, as it was computed from its bytes.
    package let diffID: DiffID
    /// Size of the tar, in bytes.
    package let size: Int64
    /// The records in the form that a cache keeps, which takes a fraction of the memory.
    let encodedRecords: [UInt8]
    /// Number of records.
    let count: Int

    /// Reads all of `layer`, and verifies it on the way. Large ELF files are put into `directory` for a moment.
    ///
    /// - Throws: `layer.too-many-entries`, `layer.too-much-metadata`; what `LayerScan` throws; `io.failed`.
    package init(
        _ layer: Descriptor,
        in blob: LocalBlob,
        drafts directory: FilePath,
        _ budget: SharedBudget
    ) throws(Diagnostic) {
        var visitor = TableVisitor(layer: layer, drafts: directory, budget)
        let scan = try LayerScan(layer, in: blob, &visitor)
        diffID = scan.diffID
        size = scan.size
        encodedRecords = visitor.bytes
        count = visitor.count
    }

    package init(diffID: DiffID, size: Int64, records: [Record]) {
        var writer = RecordWriter()
        for record in records { writer.put(record) }
        self.init(diffID: diffID, size: size, encodedRecords: writer.bytes, count: records.count)
    }

    init(diffID: DiffID, size: Int64, encodedRecords: [UInt8], count: Int) {
        self.diffID = diffID
        self.size = size
        self.encodedRecords = encodedRecords
        self.count = count
    }

    /// Takes room for a table that was not read just now.
    ///
    /// - Throws: `layer.too-many-entries`, `layer.too-much-metadata`.
    package func charge(_ budget: SharedBudget, of layer: Descriptor) throws(Diagnostic) {
        try budget.take(entries: count, metadata: encodedRecords.count, of: .blob(layer.digest.description))
    }
}
