import Archive
import ByteIO
import Diagnostics
import Layers
import OCI
import Store

/// What is known of a layer that was read by itself.
struct ScannedLayer {
    let diffID: DiffID
    /// Number of entries, with the directories that they imply, and the size of their names in bytes.
    let entries: Int
    let metadata: Int
    /// Whether it can only be unpacked on other layers, if at all: it has hard links to files of theirs.
    let needsOthers: Bool

    /// - Throws: what `LayerScan` throws; `layer.too-many-entries`, `layer.too-much-metadata`.
    init(_ layer: Descriptor, in source: ImageSource, _ limits: TableLimits) throws(Diagnostic) {
        var visitor = Visitor(filesystem: RootFilesystem(limits))
        try visitor.filesystem.beginLayer(.blob(layer.digest.description))
        diffID = try LayerScan(layer, in: try source.blob(layer), &visitor).diffID
        entries = visitor.filesystem.budget.entries
        metadata = visitor.filesystem.budget.metadata
        needsOthers = visitor.needsOthers
    }

    private struct Visitor: LayerVisitor {
        var filesystem: RootFilesystem
        var needsOthers = false

        mutating func visit<Content: ByteSource & ~Copyable>(
            _ record: TarRecord,
            _ content: inout Content
        ) throws(Diagnostic) {
            do throws(Diagnostic) {
                try filesystem.apply(record.entry)
            } catch {
                guard error.code == .layerCannotUnpack else { throw error }
                needsOthers = true
            }
        }
    }
}
