import ByteIO
package import Diagnostics

/// A layer decided but not yet written: its entries, sorted by path, parents first, no path twice.
package struct LayerBlueprint: Hashable, Sendable {
    /// What made the layer, for the image's history.
    package let createdBy: String
    /// What it is made from, such as a directory of this machine: a layer that is made later from the same is likely to be
    /// nearly the same. Empty for what is always the same.
    package let lineage: String
    package let entries: [LayerEntry]

    /// Sorts `entries`.
    ///
    /// - Throws: `layer.duplicate-path` where two entries have the same path.
    package init(createdBy: String, lineage: String = "", entries: [LayerEntry]) throws(Diagnostic) {
        self.createdBy = createdBy
        self.lineage = lineage
        self.entries = Self.sorted(entries)
        for (entry, next) in zip(self.entries, self.entries.dropFirst()) where entry.path == next.path {
            throw Diagnostic(
                .layerDuplicatePath,
                "`\(entry.path)` would be twice in one layer",
                because: "\(entry.origin) and \(next.origin) both go there",
                hint: "give one of them another place"
            )
        }
    }

    /// The entries in the order of a layer; those of one path as they stand.
    package static func sorted(_ entries: [LayerEntry]) -> [LayerEntry] {
        // A walk delivers its entries sorted: looking is cheaper than sorting again.
        let isSorted = zip(entries, entries.dropFirst()).allSatisfy { $0.path < $1.path }
        return isSorted ? entries : entries.sorted { $0.path < $1.path }
    }
}

extension LayerEntry {
    /// What the entry is made from, for messages.
    package var origin: String {
        switch content {
        case .file(let path, _): "`\(path.display)`"
        case .directory: "a directory"
        case .bytes: "a file that coracle makes"
        case .symlink(let target): "a symlink to `\(String(printing: target))`"
        case .hardlink(let target): "a hard link to `\(target)`"
        }
    }
}

extension Diagnostic.Code {
    package static let layerDuplicatePath = Self("layer.duplicate-path", .usage)
}
