package import Diagnostics
package import Layers
import OCI

/// The layers planned so far, and the root filesystem that they make together.
///
/// A directory is written once: a layer above never says again what a layer below says, so that `/tmp` keeps its mode.
package struct LayerStack {
    /// What is below all layers; `nil` if there is nothing, not even a root directory.
    package let base: BaseFiles?
    /// The lowest first.
    package private(set) var blueprints: [LayerBlueprint] = []
    package var notes: [Diagnostic] = []
    /// Directories whose mode and owner the user names, also where a layer below has them.
    package var stated: Set<EntryPath> = []

    package init(on base: BaseFiles? = nil) { self.base = base }

    /// Looks up `path` as it stands, without following symlinks.
    package subscript(path: EntryPath) -> StackEntry? {
        if let (entry, _) = find(path) { return StackEntry(entry) }
        return base?[path]
    }

    /// The uppermost layer's entry for `path`.
    func find(_ path: EntryPath) -> (entry: LayerEntry, layer: LayerBlueprint)? {
        for layer in blueprints.reversed() {
            if let index = layer.entries.index(of: path) { return (layer.entries[index], layer) }
        }
        return nil
    }

    /// Adds a layer with `entries` and the directories they need; nothing where there are none.
    ///
    /// Where symlinks of the layers below lead elsewhere, the entries go there. `modified` is the time of directories that
    /// no entry is for.
    package mutating func add(
        _ entries: [LayerEntry],
        as kind: LayerBlueprint.Kind,
        createdBy: String,
        lineage: String = "",
        modified: Int64 = 0,
        _ problems: inout Problems
    ) {
        let isNewTree = isNewTree(entries)
        let kept = isNewTree ? entries : kept(of: entries, as: kind, modified, &problems)
        guard !kept.isEmpty else { return }
        let blueprint = problems.collect { () throws(Diagnostic) in
            try LayerBlueprint(kind, createdBy: createdBy, lineage: lineage, entries: kept)
        }
        guard let blueprint else { return }
        blueprints.append(blueprint)
    }

    /// Whether `entries` are a directory with all that is in it, and nothing below has a say in it: no layer and no base
    /// has anything there, and no symlink leads elsewhere. Then all of them are kept as they are.
    private func isNewTree(_ entries: [LayerEntry]) -> Bool {
        guard let root = entries.first, root.isDirectory, let last = entries.last, root.path.contains(last.path),
            case .missing(let place, link: nil) = follow(root.path), place == root.path,
            let parent = root.path.parent, parent.isRoot || self[parent]?.isDirectory == true
        else { return false }
        // The directories that the next entry may be in: sorted, they are the last entry and its ancestors.
        var open = [0]
        for index in entries.indices.dropFirst() {
            guard entries[index - 1].path < entries[index].path else { return false }
            while let last = open.last, !entries[last].path.isParent(of: entries[index].path) { open.removeLast() }
            guard !open.isEmpty else { return false }
            if entries[index].isDirectory { open.append(index) }
        }
        return true
    }

    /// Whether the user wants another mode or owner for a directory than a layer below gives it.
    func changes(_ entry: LayerEntry, _ below: StackEntry) -> Bool {
        stated.contains(entry.path)
            && (entry.mode, entry.uid, entry.gid) != (below.mode & 0o7777, below.uid, below.gid)
    }

    /// What `path` leads to in the root filesystem, through symlinks; `nil` if to nothing.
    package func resolve(_ path: EntryPath) -> StackEntry? { resolve(path.bytes) }

    /// What `path` leads to; its dots and slashes mean what they mean to the kernel.
    package func resolve(_ path: some Collection<UInt8>) -> StackEntry? {
        guard case .found(let resolved) = follow(path) else { return nil }
        guard !resolved.isRoot else {
            return self[.root]
                ?? StackEntry(path: .root, kind: .directory, mode: FileModes.directory, origin: "the root directory")
        }
        guard let entry = self[resolved] else { return nil }
        if case .hardlink(let first) = entry.kind { return self[first] }
        return entry
    }

    /// The symlinks that lead to nothing, in order, without those that coracle makes itself: their targets are beside them.
    package var danglingSymlinks: [LayerEntry] {
        var dangling = [LayerEntry]()
        for layer in blueprints where !layer.kind.isReplaceable {
            for index in layer.entries.indices {
                guard case .symlink = layer.entries[index].content else { continue }
                let link = layer.entries[index]
                if resolve(link.path) == nil { dangling.append(link) }
            }
        }
        return dangling
    }
}
