import ByteIO
package import Diagnostics

/// A layer decided but not yet written: its entries, sorted by path, parents first, no path twice.
package struct LayerBlueprint: Hashable, Sendable {
    /// What the layer is for.
    package enum Kind: Hashable, Sendable {
        /// A part of a base: the files of its packages, or those made for all of them.
        case base
        /// What coracle adds for the programs: certificates, time zones, accounts and the like.
        case runtime
        /// The loader's list of libraries, which depends on all layers below it.
        case libraries
        /// The files and directories that `--add` names.
        case additions
        /// What the application depends on, in a layer of its own.
        case dependencies
        case application

        /// Whether coracle made the files without being asked for each: another file may take the place of one.
        package var isReplaceable: Bool { self == .runtime || self == .libraries }
    }

    package let kind: Kind
    /// What made the layer, for the image's history.
    package let createdBy: String
    /// What it is made from, such as a directory of this machine: a layer that is made later from the same is likely to be
    /// nearly the same. Empty for what is always the same.
    package let lineage: String
    package let entries: [LayerEntry]

    /// Sorts `entries`.
    ///
    /// - Throws: `layer.duplicate-path` where two entries have the same path.
    package init(
        _ kind: Kind,
        createdBy: String,
        lineage: String = "",
        entries: [LayerEntry]
    ) throws(Diagnostic) {
        self.kind = kind
        self.createdBy = createdBy
        self.lineage = lineage
        guard !Self.isSorted(entries) else {
            self.entries = entries
            return
        }
        self.entries = entries.sorted { $0.path < $1.path }
        for index in self.entries.indices.dropFirst() where self.entries[index - 1].path == self.entries[index].path {
            let (entry, next) = (self.entries[index - 1], self.entries[index])
            throw Diagnostic(
                .layerDuplicatePath,
                "`\(entry.path)` would be twice in one layer",
                because: "\(entry.origin) and \(next.origin) both go there",
                hint: "give one of them another place"
            )
        }
    }

    /// Takes `entries` in an order that is not that of their paths.
    init(_ kind: Kind, createdBy: String, lineage: String, inOrder entries: [LayerEntry]) {
        self.kind = kind
        self.createdBy = createdBy
        self.lineage = lineage
        self.entries = entries
    }

    /// The entries in the order of a layer; those of one path as they stand.
    package static func sorted(_ entries: [LayerEntry]) -> [LayerEntry] {
        isSorted(entries) ? entries : entries.sorted { $0.path < $1.path }
    }

    /// Whether `entries` are in order and no path is twice. A walk delivers them so: looking is cheaper than sorting again.
    private static func isSorted(_ entries: [LayerEntry]) -> Bool {
        entries.indices.dropFirst().allSatisfy { entries[$0 - 1].path < entries[$0].path }
    }
}

extension LayerEntry {
    /// What the entry is made from, for messages.
    package var origin: String {
        switch content {
        case .file where isUnpacked: "a file of another image"
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

extension LayerBlueprint {
    /// Size of the layer's blob, in bytes, within a few hundred. The whole tar is in memory for it: for small layers.
    package func compressedSize(_ compression: LayerCompression) throws(Diagnostic) -> Int64 {
        let layout = LayerLayout(self)
        let tar = try layout.render(from: 0, count: Int(layout.size))
        return Int64(try compression.codec.compressors(level: compression.level).compress(tar).count)
    }
}
