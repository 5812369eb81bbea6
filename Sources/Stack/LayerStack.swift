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
    private func find(_ path: EntryPath) -> (entry: LayerEntry, layer: LayerBlueprint)? {
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

    /// The entries that a new layer has to have, with the directories that they need.
    private mutating func kept(
        of entries: [LayerEntry],
        as kind: LayerBlueprint.Kind,
        _ modified: Int64,
        _ problems: inout Problems
    ) -> [LayerEntry] {
        var kept = [LayerEntry]()
        kept.reserveCapacity(entries.count)
        // The entries of this layer that the next one may be below: sorted, they are the last one and its ancestors.
        var open = [LayerEntry]()
        for entry in LayerBlueprint.sorted(placed(entries, as: kind, &problems)) {
            while let last = open.last, !last.path.contains(entry.path) { open.removeLast() }
            if let last = open.last, last.path == entry.path {
                if !last.isDirectory || !entry.isDirectory { problems.add(Self.conflict(last, entry)) }
                continue
            }
            guard openParents(of: entry, &open, &kept, modified, &problems) else { continue }
            if keeps(entry, kind, &problems) { kept.append(entry) }
            open.append(entry)
        }
        return kept
    }

    /// Adds the directories above `entry` that no layer has; false if there is something else in their place.
    private func openParents(
        of entry: LayerEntry,
        _ open: inout [LayerEntry],
        _ kept: inout [LayerEntry],
        _ modified: Int64,
        _ problems: inout Problems
    ) -> Bool {
        var missing = [LayerEntry]()
        var next = entry.path.parent
        while let path = next, !path.isRoot, open.last?.path != path {
            if let below = self[path] {
                guard below.isDirectory else {
                    problems.add(Self.blocked(entry, by: below))
                    return false
                }
                break
            }
            missing.append(LayerEntry(path, .directory, mode: FileModes.directory, modified: modified))
            next = path.parent
        }
        if let last = open.last, last.path == next, !last.isDirectory {
            problems.add(Self.blocked(entry, by: StackEntry(last)))
            return false
        }
        kept += missing.reversed()
        open += missing.reversed()
        return true
    }

    /// Whether `entry` has to be in a new layer, given what the layers below have in its place.
    private mutating func keeps(
        _ entry: LayerEntry,
        _ kind: LayerBlueprint.Kind,
        _ problems: inout Problems
    ) -> Bool {
        guard let (below, layer) = find(entry.path) else {
            guard let below = base?[entry.path] else { return true }
            return keeps(entry, kind, over: below, &problems)
        }
        if below.isDirectory, entry.isDirectory { return changes(entry, StackEntry(below)) }
        guard layer.kind.isReplaceable, !below.isDirectory, !entry.isDirectory else {
            problems.add(Self.conflict(below, entry))
            return false
        }
        // What coracle makes, it may make again.
        if !kind.isReplaceable {
            notes.append(Diagnostic(.planReplaced, "\(entry.origin) replaces coracle's own `\(entry.path)`"))
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

    private static func conflict(_ first: LayerEntry, _ second: LayerEntry) -> Diagnostic {
        Diagnostic(
            .planDuplicateDestination,
            "two things go to `\(second.path)`",
            because: "\(first.origin) and \(second.origin)",
            hint: "give one of them another place"
        )
    }

    private static func blocked(_ entry: LayerEntry, by parent: StackEntry) -> Diagnostic {
        Diagnostic(
            .planBlocked,
            "`\(entry.path)` cannot be in the image",
            because: "`\(parent.path)` above it is \(parent.origin), not a directory",
            hint: "put it below a directory"
        )
    }
}

extension Diagnostic.Code {
    static let planReplaced = Self("plan.replaced", .usage)
    static let planDuplicateDestination = Self("plan.duplicate-destination", .usage)
    static let planBlocked = Self("plan.blocked", .usage)
}
