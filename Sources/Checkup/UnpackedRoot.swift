import Archive
import Check
package import Diagnostics
package import Gate
package import Layers

/// The root filesystem of a finished image, with the contents of its files at hand.
package struct UnpackedRoot: ImageRoot {
    package let entries: [RootEntry]
    private let records: [EntryPath: UnpackedLayer.Record]
    private let layers: [UnpackedLayer]

    /// Applies the layers, the lowest first; `origin` says who brought which file.
    init(_ layers: [UnpackedLayer], origin: (EntryPath, _ layer: Int) -> RootEntry.Origin) {
        var filesystem = RootFilesystem<UnpackedLayer.Record>()
        for layer in layers {
            filesystem.beginLayer()
            for record in layer.records { filesystem.apply(record) }
        }
        records = filesystem.all.mapValues(\.record)
        self.layers = layers
        let known = records.map { RootEntry($1.entry, at: $0, origin: origin($0, $1.layer)) }
        let made = filesystem.impliedDirectories.map {
            RootEntry($0, .directory, mode: FileModes.directory, origin: .base)
        }
        entries = (known + made).sorted { $0.path < $1.path }
    }

    package subscript(path: EntryPath) -> RootEntry? { entries.index(of: path).map { entries[$0] } }

    package func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        guard entry.kind == .file, let record = records[entry.path] else { return nil }
        return try layers[record.layer].bytes(of: record, at: offset, count: count)
    }
}
