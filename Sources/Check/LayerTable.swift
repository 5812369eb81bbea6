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
    /// In the order of the tar.
    package let records: [Record]

    /// Entries of one layer; images with hundreds of thousands of files in all are ordinary.
    static let mostEntries = 5_000_000

    /// Reads all of `layer`, and verifies it on the way. Large ELF files are put into `directory` for a moment.
    ///
    /// - Throws: `layer.too-many-entries`; what `LayerScan` throws; `io.failed`.
    package init(_ layer: Descriptor, in blob: LocalBlob, drafts directory: FilePath) throws(Diagnostic) {
        var visitor = TableVisitor(layer: layer, drafts: directory)
        let scan = try LayerScan(layer, in: blob, &visitor)
        self.init(diffID: scan.diffID, size: scan.size, records: visitor.records)
    }

    init(diffID: DiffID, size: Int64, records: [Record]) {
        self.diffID = diffID
        self.size = size
        self.records = records
    }
}

extension Diagnostic {
    static func layerTooManyEntries(_ layer: Descriptor, limit: Int) -> Diagnostic {
        Diagnostic(
            .layerTooManyEntries,
            "a layer has too many entries",
            at: .blob(layer.digest.description),
            because: "more than \(limit) are not read"
        )
    }
}

extension Diagnostic.Code {
    package static let layerTooManyEntries = Self("layer.too-many-entries", .verification)
}
