import Check
package import Diagnostics
package import Gate
package import Layers
import Plan
import Stack

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
        var entries = [RootEntry]()
        entries.reserveCapacity(records.count)
        var implied: Set<EntryPath> = [.root]
        for (path, record) in records {
            entries.append(
                RootEntry(
                    path,
                    RootEntry.Kind(record.kind),
                    mode: record.mode,
                    uid: record.uid,
                    gid: record.gid,
                    size: record.size,
                    origin: origin(path, record.layer),
                    modified: record.modified
                )
            )
            var next = path.parent
            while let parent = next, implied.insert(parent).inserted { next = parent.parent }
        }
        for path in implied where records[path] == nil {
            entries.append(RootEntry(path, .directory, mode: 0o755, origin: .base))
        }
        self.entries = entries.sorted { $0.path < $1.path }
    }

    package subscript(path: EntryPath) -> RootEntry? { RootEntry.find(path, in: entries) }

    package func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        guard entry.kind == .file, let record = records[entry.path] else { return nil }
        return try layers[record.layer].bytes(of: record, at: offset, count: count)
    }
}
