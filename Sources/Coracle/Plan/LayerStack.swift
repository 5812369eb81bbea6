import Diagnostics
import Layers
import OCI

/// The layers planned so far, and the root filesystem that they make together.
///
/// A directory is written once: a layer above never says again what a layer below says, so that `/tmp` keeps its mode.
struct LayerStack {
    /// The lowest first.
    private(set) var blueprints: [LayerBlueprint] = []
    private(set) var notes: [Diagnostic] = []
    /// Whether another file may take the place of a layer's: true for the files that coracle brings by itself.
    private var isReplaceable: [Bool] = []

    /// Looks up `path` as it stands, without following symlinks.
    subscript(path: EntryPath) -> LayerEntry? { find(path)?.entry }

    /// The uppermost layer's entry for `path`, by halving: the entries are sorted.
    private func find(_ path: EntryPath) -> (entry: LayerEntry, layer: Int)? {
        for layer in blueprints.indices.reversed() {
            let entries = blueprints[layer].entries
            var (low, high) = (0, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if entries[middle].path < path { low = middle + 1 } else { high = middle }
            }
            if low < entries.count, entries[low].path == path { return (entries[low], layer) }
        }
        return nil
    }

    /// Adds a layer with `entries` and the directories they need; nothing where there are none.
    ///
    /// `modified` is the time of directories that no entry is for.
    mutating func add(
        _ entries: [LayerEntry],
        createdBy: String,
        modified: Int64 = 0,
        isReplaceable: Bool = false,
        _ problems: inout Problems
    ) {
        var kept = [LayerEntry]()
        kept.reserveCapacity(entries.count)
        // The entries of this layer that the next one may be below: sorted, they are the last one and its ancestors.
        var open = [LayerEntry]()
        for entry in LayerBlueprint.sorted(entries) {
            while let last = open.last, !last.path.contains(entry.path) { open.removeLast() }
            if let last = open.last, last.path == entry.path {
                if !last.isDirectory || !entry.isDirectory { problems.add(Self.conflict(last, entry)) }
                continue
            }
            guard openParents(of: entry, &open, &kept, modified, &problems) else { continue }
            if keeps(entry, isReplaceable, &problems) { kept.append(entry) }
            open.append(entry)
        }
        guard !kept.isEmpty else { return }
        let blueprint = problems.collect { () throws(Diagnostic) in
            try LayerBlueprint(createdBy: createdBy, entries: kept)
        }
        guard let blueprint else { return }
        blueprints.append(blueprint)
        self.isReplaceable.append(isReplaceable)
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
            let below = find(path)?.entry
            guard below?.isDirectory ?? true else {
                problems.add(Self.blocked(entry, by: below ?? entry))
                return false
            }
            if below != nil { break }
            missing.append(LayerEntry(path, .directory, mode: 0o755, modified: modified))
            next = path.parent
        }
        if let last = open.last, last.path == next, !last.isDirectory {
            problems.add(Self.blocked(entry, by: last))
            return false
        }
        kept += missing.reversed()
        open += missing.reversed()
        return true
    }

    /// Whether `entry` has to be in a new layer, given what the layers below have in its place.
    private mutating func keeps(_ entry: LayerEntry, _ isReplaceable: Bool, _ problems: inout Problems) -> Bool {
        guard let (below, layer) = find(entry.path) else { return true }
        if below.isDirectory, entry.isDirectory { return false }
        guard self.isReplaceable[layer], !below.isDirectory, !entry.isDirectory else {
            problems.add(Self.conflict(below, entry))
            return false
        }
        notes.append(Diagnostic(.planReplaced, "\(entry.origin) replaces coracle's own `\(entry.path)`"))
        return true
    }

    /// What `path` leads to in the root filesystem, through symlinks; nil if to nothing.
    func resolve(_ path: EntryPath) -> LayerEntry? {
        // As many as the kernel follows (path_resolution(7)).
        var linksLeft = 40
        var resolved = EntryPath.root
        var rest = Array(path.bytes.split(separator: UInt8(ascii: "/")).reversed())
        while let component = rest.popLast() {
            switch Array(component) {
            case Array(".".utf8): continue
            case Array("..".utf8):
                resolved = resolved.parent ?? .root
                continue
            default: break
            }
            let candidate = resolved.appending(component)
            guard let entry = self[candidate] else { return nil }
            guard case .symlink(let target) = entry.content else {
                resolved = candidate
                continue
            }
            linksLeft -= 1
            guard linksLeft > 0 else { return nil }
            if target.first == UInt8(ascii: "/") { resolved = .root }
            rest += target.split(separator: UInt8(ascii: "/")).reversed()
        }
        guard !resolved.isRoot else { return LayerEntry(.root, .directory, mode: 0o755) }
        guard let entry = self[resolved] else { return nil }
        if case .hardlink(let first) = entry.content { return self[first] }
        return entry
    }

    /// The symlinks that lead to nothing, in order.
    var danglingSymlinks: [LayerEntry] {
        blueprints.flatMap(\.entries).filter { entry in
            guard case .symlink = entry.content else { return false }
            return resolve(entry.path) == nil
        }
    }

    private static func conflict(_ first: LayerEntry, _ second: LayerEntry) -> Diagnostic {
        Diagnostic(
            .planDuplicateDestination,
            "two things go to `\(second.path)`",
            because: "\(first.origin) and \(second.origin)",
            hint: "give one of them another place, with `--dest` or in `--add`"
        )
    }

    private static func blocked(_ entry: LayerEntry, by parent: LayerEntry) -> Diagnostic {
        Diagnostic(
            .planBlocked,
            "`\(entry.path)` cannot be in the image",
            because: "`\(parent.path)` above it is \(parent.origin), not a directory",
            hint: "put it below a directory"
        )
    }
}

extension LayerEntry {
    var isDirectory: Bool { content == .directory }
}

extension Diagnostic.Code {
    static let planReplaced = Self("plan.replaced", .usage)
    static let planDuplicateDestination = Self("plan.duplicate-destination", .usage)
    static let planBlocked = Self("plan.blocked", .usage)
}
