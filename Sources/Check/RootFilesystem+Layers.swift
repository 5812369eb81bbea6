import Archive
import ByteIO
package import Diagnostics
package import Layers
package import OCI
package import Store

extension RootFilesystem {
    /// What `layers`, the lowest first, make together. Their contents are verified and not kept.
    ///
    /// - Throws: what `LayerScan` and `apply` throw.
    package init(
        applying layers: [Descriptor],
        of source: ImageSource,
        _ limits: TableLimits = TableLimits()
    ) throws(Diagnostic) {
        self.init(limits)
        for layer in layers {
            try beginLayer(.blob(layer.digest.description))
            var applier = LayerApplier(filesystem: self)
            // The applier changes it in place, which needs the only reference.
            self = RootFilesystem()
            _ = try LayerScan(layer, in: try source.blob(layer), &applier)
            self = applier.filesystem
        }
        settle()
    }
}

/// Applies a layer's entries, and reads no content.
private struct LayerApplier: LayerVisitor {
    private(set) var filesystem: RootFilesystem

    mutating func visit<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content
    ) throws(Diagnostic) {
        try filesystem.apply(record.entry)
    }
}
